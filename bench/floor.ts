/** The floor: what `node:http` alone costs to read a JSON body and answer another, in a process of its own. */
import { createServer } from 'node:http';
import { answerParent } from './answering.ts';
import type { Ready } from './protocol.ts';

const reply = JSON.stringify({
  id: '00000000-0000-7000-8000-000000000000',
  status: 'pending',
  recipient: '+33600000000',
  padding: 'x'.repeat(296),
});
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': reply.length };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(typeof body === 'object' ? 200 : 400, headers).end(reply);
  });
});

answerParent(
  async () => undefined,
  async () => void server.close(),
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const ready: Ready = { kind: 'ready', pid: process.pid, url: `http://127.0.0.1:${address.port}`, apiKey: '' };
  process.send?.(ready);
});

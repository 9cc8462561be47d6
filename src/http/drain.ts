import type { Server } from 'node:http';

const STEP_MS = 50;

/**
 * Helps a closing server to its end: connections are closed as soon as their answer is out, instead of when they have
 * been idle for the keep-alive time, and what is left after `waitMs` is cut.
 */
export function drain(server: Server, waitMs: number): void {
  if (!server.listening) return;
  let stepsLeft = Math.ceil(waitMs / STEP_MS);
  const timer = setInterval(() => {
    server.closeIdleConnections();
    stepsLeft -= 1;
    if (stepsLeft <= 0) server.closeAllConnections();
  }, STEP_MS);
  server.once('close', () => clearInterval(timer));
}

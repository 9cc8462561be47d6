import type { FastifyRequest } from 'fastify';
import { addressKey, clientAddress, type TrustedProxies } from './client-address.ts';

/** The client's address, canonical, as far as it can be believed. */
export function peerAddress({ socket, headers }: FastifyRequest, proxies: TrustedProxies): string | undefined {
  const forwarded = headers['x-forwarded-for'];
  const chain = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  return clientAddress(socket.remoteAddress, chain, proxies);
}

/** What failures of a client are counted by; those whose address cannot be read are counted together. */
export function peerKey(request: FastifyRequest, proxies: TrustedProxies): string {
  return addressKey(peerAddress(request, proxies) ?? '') ?? '';
}

import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { ServerLimits } from './limits.ts';
import { encodeRefusal, refusal, type Refusal } from './refusal.ts';

/** Node's HTTPS server, with an end to whatever takes too long. */
export function createHttpsServer(
  tls: SecureContextOptions,
  limits: ServerLimits,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  return createServer(
    {
      ...tls,
      handshakeTimeout: limits.handshakeMs,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: limits.keepAliveMs,
    },
    onRequest,
  );
}

/**
 * Answers what never became a request (not HTTP, or not in time) and ends the connection. Returns what was answered;
 * undefined when there is nobody to answer: the client went away, or the TLS handshake failed.
 */
export function answerClientError(error: { readonly code?: string }, socket: Socket): Refusal | undefined {
  const refused = explainClientError(error.code ?? '');
  if (refused === undefined || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const body = encodeRefusal(refused);
  const headers = [
    `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
  return refused;
}

function explainClientError(code: string): Refusal | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal.tooSlow();
  if (code === 'HPE_HEADER_OVERFLOW') return refusal.headersTooLarge();
  return code.startsWith('HPE_') ? refusal.badRequest() : undefined;
}

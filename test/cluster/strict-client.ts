import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';

/** The name by which API servers call the webhook's Service. */
export const SERVER_NAME = 'pullkeeper.pullkeeper-system.svc';

const contexts = new Map<string, SecureContext>();

/**
 * Connects as an API server does: trusting the CAs of one caBundle and nothing else, and insisting on the Service's name.
 * Rejects for whatever is wrong with the server's certificate.
 *
 * @param caBundle PEM
 */
export async function connectStrictly(origin: string, caBundle: string): Promise<TLSSocket> {
  // An empty list would be Node's own list of public CAs.
  if (caBundle === '') throw new Error('there is no CA to trust');
  const secureContext = contexts.get(caBundle) ?? createSecureContext({ ca: caBundle });
  contexts.set(caBundle, secureContext);
  const { hostname: host, port } = new URL(origin);
  const socket = connect({ host, port: Number(port), servername: SERVER_NAME, secureContext });
  const ended = new AbortController();
  socket.once('close', () => ended.abort());
  try {
    await once(socket, 'secureConnect', { signal: ended.signal });
  } catch (error) {
    throw ended.signal.aborted ? new Error('the server closed the connection within the handshake') : error;
  }
  return socket;
}

/** The certificate that a server shows, proved against the bundle. */
export async function readServed(origin: string, caBundle: string): Promise<PeerCertificate> {
  const socket = await connectStrictly(origin, caBundle);
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

/**
 * Sends one review on an open connection, one at a time, and returns the decoded answer. As the API server does, it tries
 * again where a busy server asks for that; it rejects for any other answer than 200.
 */
export async function review(socket: TLSSocket, namespace: string, image: string): Promise<ReviewAnswer> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'strict',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: 'strict',
      namespace,
      operation: 'CREATE',
      dryRun: true,
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'strict', namespace },
        spec: { containers: [{ name: 'c', image }] },
      },
    },
  });
  const head = [
    'POST /mutate?timeout=3s HTTP/1.1',
    `host: ${SERVER_NAME}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  for (;;) {
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    const text = await readAnswer(socket);
    if (/^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/i.test(text)) {
      await delay(1000);
      continue;
    }
    if (!text.startsWith('HTTP/1.1 200 ')) throw new Error(`answered with ${text.slice(0, 200)}`);
    return (JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as { response: ReviewAnswer }).response;
  }
}

export interface ReviewAnswer {
  readonly allowed: boolean;
  /** JSON Patch in base64. */
  readonly patch?: string;
}

async function readAnswer(socket: TLSSocket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const onData = (chunk: Buffer): void => {
    text += chunk.toString();
    if (isWhole(text)) resolve(text);
  };
  const onEnd = (): void =>
    reject(new Error(`the server closed the connection, after ${JSON.stringify(text.slice(0, 200))}`));
  socket.on('data', onData).on('error', reject).on('close', onEnd);
  try {
    return await promise;
  } finally {
    socket.off('data', onData).off('error', reject).off('close', onEnd);
  }
}

/** By its length, or, in chunks, by the last one. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(answer.slice(0, end)) ?? [];
  if (length === undefined) return answer.endsWith('\r\n0\r\n\r\n');
  return Buffer.byteLength(answer.slice(end + 4)) >= Number(length);
}

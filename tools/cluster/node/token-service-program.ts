/**
 * A token service as Harbor's, for a registry with `auth: token`
 * (https://distribution.github.io/distribution/spec/auth/token/):
 * `token-service-program.ts PORT KEY CERTIFICATE ACCOUNTS PUSHER`. ACCOUNTS is a JSON file, name → password, read anew for
 * every request. Every account may pull everything, PUSHER alone may push.
 */
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { TOKEN_ISSUER } from './token-registry.ts';

const [port = '', keyFile = '', certFile = '', accountsFile = '', pusher = ''] = process.argv.slice(2);
const key = createPrivateKey(await readFile(keyFile));
const certificate = new X509Certificate(await readFile(certFile)).raw.toString('base64');
const LIFETIME_SECONDS = 300;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  // Harbor has no OAuth endpoint: clients that try one first fall back to this.
  if (request.method !== 'GET') return reply(405, { errors: [{ code: 'METHOD_NOT_ALLOWED' }] });
  const account = await authenticate(request.headers.authorization);
  if (account === undefined) return reply(401, { errors: [{ code: 'UNAUTHORIZED' }] });
  const url = new URL(request.url ?? '/', 'http://localhost');
  const token = issue(account, url.searchParams.get('service') ?? '', url.searchParams.getAll('scope'));
  return reply(200, { token, access_token: token, expires_in: LIFETIME_SECONDS, issued_at: new Date().toISOString() });
}

async function authenticate(header: string | undefined): Promise<string | undefined> {
  const [scheme, value] = (header ?? '').split(' ');
  if (scheme !== 'Basic' || value === undefined) return undefined;
  const pair = Buffer.from(value, 'base64').toString();
  const colon = pair.indexOf(':');
  const name = pair.slice(0, colon);
  const accounts = new Map(Object.entries(JSON.parse(await readFile(accountsFile, 'utf8')) as Record<string, string>));
  return accounts.get(name) === pair.slice(colon + 1) ? name : undefined;
}

/** A scope is `repository:team/app:pull,push`; what the account may not do is left out of the token, without an error. */
function issue(account: string, service: string, scopes: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  const allowed = account === pusher ? ['pull', 'push'] : ['pull'];
  const granted = scopes
    .flatMap((scope) => scope.split(' '))
    .map((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',').filter((action) => allowed.includes(action)) };
    });
  const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate] };
  const claims = {
    iss: TOKEN_ISSUER,
    sub: account,
    aud: service,
    exp: now + LIFETIME_SECONDS,
    nbf: now - 10,
    iat: now,
    jti: randomUUID(),
    access: granted,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    response.writeHead(500).end();
  });
});
await once(server.listen(Number(port), 'localhost'), 'listening');

import { once } from 'node:events';
import { connect } from 'node:net';
import jsonPatch from 'fast-json-patch';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '../../src/core/json-value.ts';
import type { Admission, NamespaceState, SecretState } from '../../src/http/mutate.ts';
import { refusal, type Refusal } from '../../src/http/refusal.ts';
import { createWebhookServer, type OutcomeReport, type WebhookServerOptions } from '../../src/http/server.ts';
import { secureContextOptions } from '../../src/tls/secure-context.ts';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { POD, review } from './webhook.ts';

/** What the server is told about the cluster; each test sets what it needs. */
const world = {
  synced: true,
  draining: false,
  namespace: { kind: 'not-enabled' } as NamespaceState,
  breaks: false,
};
const outcomes: OutcomeReport[] = [];
const internalErrors: unknown[] = [];
const refusals: string[] = [];
const ensured: boolean[] = [];

const admission: Admission = {
  secretName: 'pullkeeper',
  namespaceState: async () => {
    if (world.breaks) throw new Error('the cache is broken');
    return world.namespace;
  },
  isStrictAccount: () => false,
};

function enabled(secret: SecretState = { kind: 'present' }): NamespaceState {
  return {
    kind: 'enabled',
    always: false,
    find: (name) => (name === 'registry.example/app' ? [{ source: 'harbor' }] : []),
    ensureSecret: async (dryRun) => {
      ensured.push(dryRun);
      return secret;
    },
  };
}

const certificates = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 1 });
const options: WebhookServerOptions = {
  tls: secureContextOptions(certificates),
  admission,
  hasSynced: () => world.synced,
  onOutcome: (report) => outcomes.push(report),
  judgeSource: () => ({ name: 's', scope: { kind: 'none' }, entries: [], refusals: [], warnings: [] }),
  onValidated: () => {},
  onInternalError: (error) => internalErrors.push(error),
  onRefused: (status, code) => refusals.push(`${status} ${code}`),
  isDraining: () => world.draining,
  now: () => 0,
};
const server = createWebhookServer(options);
const agent = new Agent({ connect: { ca: certificates.caPem }, allowH2: false });
let origin = '';

beforeAll(async () => {
  origin = await server.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await agent.close();
  await server.close(0);
});
beforeEach(() => {
  Object.assign(world, { synced: true, draining: false, namespace: enabled(), breaks: false });
  for (const list of [outcomes, internalErrors, refusals, ensured]) list.length = 0;
});

interface Answer {
  readonly status: number;
  readonly retryAfter: string | string[] | undefined;
  readonly body: unknown;
}

async function post(body: string, contentType = 'application/json', path = '/mutate'): Promise<Answer> {
  const answer = await request(`${origin}${path}`, {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': contentType },
    body,
  });
  return {
    status: answer.statusCode,
    retryAfter: answer.headers['retry-after'],
    body: await answer.body.json(),
  };
}

async function ask(request: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const answer = await post(JSON.stringify(review(request)));
  expect(answer.status).toBe(200);
  if (!isRecord(answer.body) || !isRecord(answer.body.response)) throw new Error('no review came back');
  expect(answer.body).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
  return answer.body.response;
}

const NO_REVIEW = 'apiVersion and kind must be admission.k8s.io/v1 and AdmissionReview';
const NO_UID = 'request.uid must be a string of 1 to 128 characters';

describe('a request that is no review', () => {
  it.each<[string, string, string, Refusal]>([
    ['not JSON', '{"a":', 'application/json', refusal.notJson()],
    ['nothing', '', 'application/json', refusal.notJson()],
    ['another content type', '{}', 'text/yaml', refusal.notApplicationJson()],
    ['too much', `"${'x'.repeat(7 * 1024 * 1024)}"`, 'application/json', refusal.tooLarge(7 * 1024 * 1024)],
    ['no object', '[]', 'application/json', refusal.notAReview('the body is not a JSON object')],
    ['another kind', '{"apiVersion":"v1","kind":"Pod"}', 'application/json', refusal.notAReview(NO_REVIEW)],
    [
      'an older version',
      JSON.stringify({ ...review(), apiVersion: 'admission.k8s.io/v1beta1' }),
      'application/json',
      refusal.notAReview(NO_REVIEW),
    ],
    [
      'no request',
      '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
      'application/json',
      refusal.notAReview('request is missing or not an object'),
    ],
    ['no uid', JSON.stringify(review({ uid: undefined })), 'application/json', refusal.notAReview(NO_UID)],
    [
      'a uid of a megabyte',
      JSON.stringify(review({ uid: 'u'.repeat(1_000_000) })),
      'application/json',
      refusal.notAReview(NO_UID),
    ],
    [
      'a namespace that is none',
      JSON.stringify(review({ namespace: '../x' })),
      'application/json',
      refusal.notAReview("request.namespace is not a namespace's name"),
    ],
  ])('is answered when it is %s', async (_title, body, contentType, { status, code, sentence }) => {
    const answer = await post(body, contentType);
    expect(answer).toMatchObject({ status, body: { error: { code, message: sentence } } });
    expect(refusals).toEqual([`${status} ${code}`]);
    expect(internalErrors).toEqual([]);
    // The process goes on.
    expect(await ask()).toMatchObject({ uid: 'uid-1', allowed: true });
  });

  it('says where reviews are taken', async () => {
    expect(await post('{}', 'application/json', '/elsewhere')).toMatchObject({
      status: 404,
      body: { error: { code: 'not-found', message: 'POST /mutate and POST /validate are served here' } },
    });
  });

  it('is asked to come back while the watches are not synced', async () => {
    world.synced = false;
    const answer = await post(JSON.stringify(review()));
    expect(answer).toMatchObject({ status: 503, retryAfter: '1', body: { error: { code: 'not-synced' } } });
  });
});

describe('the server', () => {
  it('tells clients to connect anew while it drains', async () => {
    world.draining = true;
    const { headers, body } = await request(`${origin}/mutate`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(review()),
    });
    await body.dump();
    expect(headers.connection).toBe('close');
  });

  it('ends though a connection never says anything', async () => {
    const other = createWebhookServer(options);
    const address = new URL(await other.app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(address.port), '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    await expect(other.close(0)).resolves.toBeUndefined();
    await ended;
  });
});

describe('a review', () => {
  it('is answered with a patch that applies, when an image matches', async () => {
    const response = await ask();
    expect(response).toEqual({
      uid: 'uid-1',
      allowed: true,
      patchType: 'JSONPatch',
      patch: expect.any(String),
      auditAnnotations: { decision: 'image-matched' },
    });
    const operations: unknown = JSON.parse(Buffer.from(String(response.patch), 'base64').toString());
    const after = jsonPatch.applyPatch(structuredClone(POD), operations as jsonPatch.Operation[], true).newDocument;
    expect(after).toEqual({ ...POD, spec: { ...POD.spec, imagePullSecrets: [{ name: 'pullkeeper' }] } });
    expect(ensured).toEqual([false]);
    expect(outcomes).toMatchObject([{ uid: 'uid-1', namespace: 'tom', pod: 'web-*', dryRun: false }]);
  });

  it('passes dryRun on', async () => {
    world.namespace = enabled({ kind: 'dry-run' });
    expect(await ask({ dryRun: true })).toHaveProperty('patch');
    expect(ensured).toEqual([true]);
  });

  it('adds the reference though the Secret could not be made, and says so', async () => {
    world.namespace = enabled({ kind: 'failed', sentence: 'exceeded quota' });
    expect(await ask()).toMatchObject({
      patch: expect.any(String),
      warnings: ['pullkeeper: Secret tom/pullkeeper is not there yet: exceeded quota'],
    });
  });

  it.each<[string, Record<string, unknown>, NamespaceState, string, string[]]>([
    [
      'another kind',
      { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } },
      enabled(),
      'not-a-pod',
      ['pullkeeper: a Deployment was sent; the webhook configuration should send Pods only'],
    ],
    [
      'a kind that is no word',
      { kind: { kind: 'x'.repeat(500) } },
      enabled(),
      'not-a-pod',
      ['pullkeeper: a resource was sent; the webhook configuration should send Pods only'],
    ],
    [
      'a subresource',
      { subResource: 'exec' },
      enabled(),
      'not-a-pod',
      ['pullkeeper: a subresource of Pod was sent; the webhook configuration should send Pods only'],
    ],
    ['an update', { operation: 'UPDATE' }, enabled(), 'not-a-create', []],
    [
      'no Pod in it',
      { object: null },
      enabled(),
      'malformed-pod',
      ['pullkeeper: the Pod is malformed: request.object is not an object'],
    ],
    [
      'no namespace',
      { namespace: undefined },
      enabled(),
      'malformed-pod',
      ['pullkeeper: the Pod is malformed: request.namespace is missing'],
    ],
    ['a namespace that is not enabled', {}, { kind: 'not-enabled' }, 'namespace-not-enabled', []],
    [
      'a namespace not known in time',
      {},
      { kind: 'unknown' },
      'namespace-unknown',
      ['pullkeeper: whether namespace tom is enabled could not be found out in time'],
    ],
    [
      'a foreign Secret',
      {},
      enabled({ kind: 'foreign' }),
      'foreign-secret',
      [
        "pullkeeper: Secret tom/pullkeeper is not Pullkeeper's (no label pullkeeper.dev/managed=true): rename or delete it",
      ],
    ],
    [
      'no credential',
      { object: { spec: { containers: [{ image: 'public.example/x' }] } } },
      enabled(),
      'no-credential',
      [],
    ],
    [
      'an annotation without meaning',
      { object: { metadata: { annotations: { 'pullkeeper.dev/inject': 'yes' } }, spec: {} } },
      enabled(),
      'no-credential',
      [
        'pullkeeper: annotation pullkeeper.dev/inject on a Pod knows the values always and disabled; this one has no effect',
      ],
    ],
  ])('is allowed untouched with %s', async (_title, request, namespace, code, warnings) => {
    world.namespace = namespace;
    expect(await ask(request)).toEqual({
      uid: 'uid-1',
      allowed: true,
      auditAnnotations: { decision: code },
      ...(warnings.length === 0 ? {} : { warnings }),
    });
  });

  it('is allowed untouched when the program itself fails, and the failure is told to the operator', async () => {
    world.breaks = true;
    expect(await ask()).toEqual({
      uid: 'uid-1',
      allowed: true,
      auditAnnotations: { decision: 'internal-error' },
      warnings: ['pullkeeper: Pullkeeper failed on this Pod and left it alone; its log says why'],
    });
    expect(internalErrors).toEqual([new Error('the cache is broken')]);
  });
});

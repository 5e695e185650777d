import jsonPatch from 'fast-json-patch';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '../../src/core/json-value.ts';
import { enabledNamespace, POD, review, startWebhook, type Answer, type Webhook } from './webhook.ts';

// Whoever reaches the port can write these reviews. What is decided depends on the Pod they show, and on nothing else.
let webhook: Webhook;

beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(async () => webhook[Symbol.asyncDispose]());
beforeEach(() => {
  webhook.world.namespace = () => enabledNamespace();
});

const MEGABYTE = 'm'.repeat(2 ** 20);
const IMAGE = 'registry.example/app:v1';

/** Posts and returns the response of the review that comes back; what has a patch must take it. */
async function ask(body: string): Promise<Record<string, unknown>> {
  const answer = await webhook.post(body);
  expect(answer.status).toBe(200);
  expect(webhook.internalErrors).toEqual([]);
  const response = isRecord(answer.body) ? answer.body.response : undefined;
  if (!isRecord(response)) throw new Error('no review came back');
  expect(response.allowed).toBe(true);
  if (response.patch !== undefined) expectApplies(body, response);
  return response;
}

function expectApplies(body: string, response: Record<string, unknown>): void {
  const { request } = JSON.parse(body) as { request: { object: { spec: Record<string, unknown> } } };
  const list = request.object.spec.imagePullSecrets;
  const before: readonly unknown[] = Array.isArray(list) ? [...(list as unknown[])] : [];
  const patch = JSON.parse(Buffer.from(String(response.patch), 'base64').toString()) as jsonPatch.Operation[];
  const after = jsonPatch.applyPatch(request.object, patch, true).newDocument;
  expect(after.spec.imagePullSecrets).toEqual([...before, { name: 'pullkeeper' }]);
}

function expectRefused(answer: Answer, status: number, code: string): void {
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(JSON.stringify(answer.body).length).toBeLessThan(300);
}

const decision = (response: Record<string, unknown>): unknown =>
  isRecord(response.auditAnnotations) ? response.auditAnnotations.decision : undefined;

describe('a forged review', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a uid of a megabyte', { uid: MEGABYTE }],
    ['a namespace of a megabyte', { namespace: MEGABYTE }],
    ['a namespace with a slash', { namespace: 'tom/../pullkeeper-system' }],
    ['a namespace with a line end', { namespace: 'tom\n' }],
    ['a namespace in upper case', { namespace: 'TOM' }],
    ['an empty uid', { uid: '' }],
  ])('with %s is refused', async (_title, changes) => {
    expectRefused(await webhook.post(JSON.stringify(review(changes))), 400, 'not-a-review');
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    'that says %s everywhere finds nothing',
    async (word) => {
      const isNamespace = /^[a-z]+$/.test(word);
      const object = {
        metadata: {
          name: word,
          annotations: { [word]: word },
          labels: { [word]: word },
          ownerReferences: [{ [word]: word }],
        },
        spec: { [word]: word, serviceAccountName: word, containers: [{ name: word, image: word, [word]: word }] },
      };
      const text = JSON.stringify(
        review({ namespace: isNamespace ? word : 'tom', name: word, object, [word]: { [word]: word } }),
      );
      const response = await ask(text.replaceAll('"own"', JSON.stringify(word)));
      expect(decision(response)).toBe('no-credential');
      expect(response.patch).toBeUndefined();
    },
  );

  it('cannot put a Pod into a prototype', async () => {
    const pod = JSON.stringify(POD);
    const text = JSON.stringify(review({ object: 'POD' })).replace('"POD"', `{"__proto__":${pod}}`);
    expect(decision(await ask(text))).toBe('malformed-pod');
    const spec = JSON.stringify(review({ object: 'POD' })).replace(
      '"POD"',
      `{"spec":{"__proto__":${JSON.stringify(POD.spec)}}}`,
    );
    expect(decision(await ask(spec))).toBe('no-credential');
    const entry = review({ object: { spec: { imagePullSecrets: [{ entry: 1 }], ...POD.spec } } });
    expect(decision(await ask(JSON.stringify(entry).replace('"entry":1', '"__proto__":{"name":"pullkeeper"}')))).toBe(
      'image-matched',
    );
  });

  it('of which a name comes twice is what the last one says', async () => {
    const text = JSON.stringify(review());
    expect(await ask(text.replace('"uid":"uid-1"', '"uid":"first","uid":"last"'))).toMatchObject({ uid: 'last' });
    const twice = text.replace('"object":', `"object":{"spec":{"imagePullSecrets":[{"name":"mine"}]}},"object":`);
    expect(decision(await ask(twice))).toBe('image-matched');
  });

  it('with huge numbers and lone surrogates is answered, and the uid goes back as it came', async () => {
    const numbers = JSON.stringify(review()).replace(
      '"operation"',
      `"n":1e999,"m":-1e-999,"o":${'9'.repeat(10_000)},"operation"`,
    );
    expect(decision(await ask(numbers))).toBe('image-matched');
    const uid = '\ud800"\u0000\udfff';
    expect(await ask(JSON.stringify(review({ uid })))).toMatchObject({ uid });
    const image = `registry.example/app\ud800:v1`;
    expect(decision(await ask(JSON.stringify(review({ object: { spec: { containers: [{ image }] } } }))))).toBe(
      'no-credential',
    );
  });

  it.each<[string, string, string]>([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('as deep as a small body can be in %s is answered', async (_title, open, close) => {
    const depth = Math.floor(60_000 / (open.length + close.length));
    const deep = `${open.repeat(depth)}1${close.repeat(depth)}`;
    const text = JSON.stringify(review({ object: { ...POD, deep: 'DEEP' } })).replace('"DEEP"', deep);
    expect(decision(await ask(text))).toBe('image-matched');
    expectRefused(await webhook.post(deep), 400, 'not-a-review');
  });

  it('with more values than a Pod can have is refused before it is decoded', async () => {
    const answers = await Promise.all(
      ['['.repeat(5_000_000), `[${'{},'.repeat(2_000_000)}0]`, `{"request":[${'0,'.repeat(300_000)}0]}`].map((body) =>
        webhook.post(body),
      ),
    );
    for (const answer of answers) expectRefused(answer, 413, 'too-many-values');
  }, 30_000);

  it('with as many commas and brackets in a text is answered', async () => {
    const value = '[{,\\"'.repeat(300_000);
    const object = { spec: { containers: [{ image: IMAGE, env: [{ value }] }] } };
    expect(decision(await ask(JSON.stringify(review({ object }))))).toBe('image-matched');
  }, 30_000);

  it('with 100,000 containers is answered, wherever the one that matches stands', async () => {
    const containers = Array.from({ length: 100_000 }, (_, index) => ({ image: `other.example/app-${index}` }));
    const pod = (list: readonly unknown[]) => JSON.stringify(review({ object: { spec: { containers: list } } }));
    expect(decision(await ask(pod(containers)))).toBe('no-credential');
    expect(decision(await ask(pod([...containers, { image: IMAGE }])))).toBe('image-matched');
  }, 30_000);

  it('fills no log: what is told of it is as long as what it tells of can be', async () => {
    const image = `registry.example/app-${MEGABYTE}`;
    webhook.world.namespace = () => {
      const namespace = enabledNamespace();
      return namespace.kind === 'enabled' ? { ...namespace, find: () => [{ source: 'harbor' }] } : namespace;
    };
    const host = `${MEGABYTE}.example/app`;
    for (const object of [
      { metadata: { name: MEGABYTE }, spec: { serviceAccountName: MEGABYTE, containers: [{ image: host }] } },
      {
        metadata: { generateName: MEGABYTE, annotations: { 'pullkeeper.dev/inject': MEGABYTE } },
        spec: { containers: [{ image }] },
      },
    ]) {
      const response = await ask(
        JSON.stringify(review({ name: MEGABYTE, object, kind: { kind: 'Pod', version: MEGABYTE, group: '' } })),
      );
      expect(JSON.stringify(response).length).toBeLessThan(1000);
      expect(JSON.stringify(webhook.outcomes.at(-1)).length).toBeLessThan(2000);
    }
  });
});

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1.5,
  '',
  'text',
  [],
  [null],
  [[]],
  {},
  { a: {} },
  [{}],
  ['x', 1, {}],
];

/** Every place in a value, as the keys that lead there. */
function* places(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* places(inner, [...path, key]);
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...(value as object) };
  Object.assign(copy, { [key]: replaceAt((value as Record<string, unknown>)[key], rest, replacement) });
  return copy;
}

it('a value of the wrong type in any field of a review ends in a review or in a refusal', async () => {
  const whole = review({
    name: 'web',
    subResource: '',
    dryRun: false,
    oldObject: null,
    object: {
      metadata: {
        name: 'web',
        annotations: { 'pullkeeper.dev/inject': 'always' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true }],
      },
      spec: {
        serviceAccountName: 'default',
        imagePullSecrets: [{ name: 'mine' }],
        containers: [{ image: IMAGE }],
        initContainers: [{ image: IMAGE }],
        ephemeralContainers: [{ image: IMAGE }],
        volumes: [{ image: { reference: IMAGE } }],
      },
    },
  });
  const statuses = { 200: 0, 400: 0 };
  for (const path of places(whole)) {
    for (const value of VALUES) {
      const body = JSON.stringify(replaceAt(whole, path, value));
      const answer = await webhook.post(body);
      if (answer.status === 200) await ask(body);
      else expectRefused(answer, 400, 'not-a-review');
      statuses[answer.status === 200 ? 200 : 400]++;
    }
  }
  // Both happen: the test would not see a server that refuses everything otherwise.
  expect(statuses[200]).toBeGreaterThan(200);
  expect(statuses[400]).toBeGreaterThan(20);
});

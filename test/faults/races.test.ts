import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { isKubeError } from '../../src/kube/kube-error.ts';
import { countRequests } from '../cluster/api-requests.ts';
import type { ProxiedRequest, Verdict } from './api-proxy.ts';
import { useRotation } from './rotation.ts';
import { FAULT_MS, FAULT_SECONDS } from './settings.ts';
import { inParallel } from './truth.ts';

const { world, names, rotate, expectRight, expectFollower, expected } = useRotation({
  install: { flags: ['--removal-grace=0s'] },
});

afterEach(() => world().proxy.decide(() => 'forward'));

const pathOf = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets/pullkeeper`;
const isWriteTo =
  (namespace: string, ...methods: readonly string[]) =>
  ({ method, path }: ProxiedRequest) =>
    methods.includes(method) && path === pathOf(namespace);

const read = (namespace: string) => world().api.call({ method: 'GET', path: pathOf(namespace) });
const remove = (namespace: string) => world().api.call({ method: 'DELETE', path: pathOf(namespace) });

async function removeIfThere(path: string): Promise<void> {
  try {
    await world().api.call({ method: 'DELETE', path });
  } catch (error) {
    if (!isKubeError(error, 404)) throw error;
  }
}

/** As somebody would who copies a managed Secret: the same type and content, without the label. */
async function createForeign(namespace: string): Promise<unknown> {
  const [credentials] = expected().values();
  const [username, password] = (credentials?.['harbor.example.com'] ?? '').split(':');
  const config = JSON.stringify({ auths: { 'harbor.example.com': { username, password } } });
  return world().api.call({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/secrets`,
    body: {
      metadata: { name: 'pullkeeper' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
    },
  });
}

/** Lets `meanwhile` happen when the first such write is on its way, and resolves when it has. */
function intercept(isIt: (request: ProxiedRequest) => boolean, meanwhile: () => Promise<void>): Promise<void> {
  const done = Promise.withResolvers<void>();
  let isFirst = true;
  world().proxy.decide(async (request): Promise<Verdict> => {
    if (isFirst && isIt(request)) {
      isFirst = false;
      await meanwhile().then(done.resolve, done.reject);
    }
    return 'forward';
  });
  return done.promise;
}

async function untilConflict(namespace: string): Promise<void> {
  await expect
    .poll(
      async () =>
        (await world().product.replica.logs()).some(
          (line) => line['namespace'] === namespace && line['action'] === 'conflict',
        ),
      { timeout: 5000 },
    )
    .toBe(true);
}

describe('a foreign Secret that appears between our read and our write', () => {
  it.each([
    ['creation', 'foreign-1', undefined],
    ['update', 'foreign-2', rotate],
  ])('is not touched by a %s', async (_, namespace, prepare) => {
    const { truth } = world();
    let foreign: unknown;
    const write = isWriteTo(namespace, 'PATCH');
    if (prepare !== undefined) {
      await truth.enableNamespaces([namespace]);
      await expectFollower(namespace);
    }
    const intercepted = intercept(write, async () => {
      if (prepare !== undefined) await remove(namespace);
      foreign = await createForeign(namespace);
    });
    if (prepare === undefined) await truth.enableNamespaces([namespace]);
    else await prepare();
    await intercepted;
    await untilConflict(namespace);
    expect(await read(namespace)).toEqual(foreign);
    await remove(namespace);
    await expectRight();
  });

  it('is not touched by a deletion', async () => {
    const { api, truth } = world();
    await truth.enableNamespaces(['foreign-3']);
    await expectFollower('foreign-3');
    let foreign: unknown;
    const intercepted = intercept(isWriteTo('foreign-3', 'DELETE'), async () => {
      await remove('foreign-3');
      foreign = await createForeign('foreign-3');
    });
    await api.call({
      method: 'PATCH',
      path: '/api/v1/namespaces/foreign-3',
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { 'pullkeeper.dev/inject': null } } },
    });
    await intercepted;
    await sleep(500);
    expect(await read('foreign-3')).toEqual(foreign);
    await remove('foreign-3');
  });
});

describe('every managed Secret is right after', () => {
  it('one was created, deleted by somebody, and only then the answer to its creation came', async () => {
    const { proxy, truth } = world();
    const release = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<void>();
    proxy.decide((request) => {
      if (!isWriteTo('late-answer', 'PATCH')(request)) return 'forward';
      proxy.decide(() => 'forward');
      seen.resolve();
      return { answerAfter: release.promise };
    });
    await truth.enableNamespaces(['late-answer']);
    await seen.promise;
    const since = performance.now();
    await expect
      .poll(() =>
        remove('late-answer').then(
          () => 'deleted',
          () => 'not there yet',
        ),
      )
      .toBe('deleted');
    // The watch tells of its creation and of its end.
    await sleep(300);
    release.resolve();
    await expectFollower('late-answer', since);
  });

  it('namespaces were deleted and created again under the same name within a second', async () => {
    const { api } = world();
    const again = names.slice(0, 8);
    await Promise.all(
      again.map(async (name) => {
        await api.call({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
        for (;;) {
          try {
            // An apply would not make it anew: it changes the one that is still being deleted.
            const metadata = { name, labels: { 'pullkeeper.dev/inject': 'enabled' } };
            await api.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata } });
            return;
          } catch (error) {
            // The namespace controller is not done with the old one yet.
            if (!isKubeError(error, 409)) throw error;
            await sleep(5);
          }
        }
      }),
    );
    await expectRight();
  });

  it('the source was replaced by 100 versions in 5 s', async () => {
    const end = performance.now() + 5000;
    for (let i = 1; i <= 100; i++) {
      await rotate();
      await sleep(Math.max(0, end - (100 - i) * 50 - performance.now()));
    }
    await expectRight();
  });

  it('the source was deleted and created again, each in the middle of the other', async () => {
    const { truth } = world();
    for (let i = 0; i < 10; i++) {
      await truth.deleteSource('harbor');
      await rotate();
    }
    await expectRight();
  });

  it('managed Secrets were deleted in a loop by somebody else; and there was no storm of writes', async () => {
    const { cluster } = world();
    const victims = names.slice(0, 3);
    const before = await countRequests(cluster);
    const end = performance.now() + FAULT_MS * 2;
    await Promise.all(
      victims.map(async (name) => {
        while (performance.now() < end) await removeIfThere(pathOf(name));
      }),
    );
    await expectRight();
    const after = await countRequests(cluster);
    const writes = after.count(['APPLY'], 'secrets') - before.count(['APPLY'], 'secrets');
    // Ten at once and one in 3 s for each of them, and the last one, which stays.
    expect(writes).toBeLessThanOrEqual(victims.length * (10 + Math.ceil((FAULT_SECONDS * 2 + 5) / 3) + 1));
    expect(writes).toBeGreaterThan(victims.length);
  });

  it('foreign Secrets were made and removed in a loop', async () => {
    const { api } = world();
    const victims = names.slice(3, 6);
    const end = performance.now() + FAULT_MS;
    await inParallel(victims, async (name) => {
      while (performance.now() < end) {
        await removeIfThere(pathOf(name));
        await createForeign(name).catch(() => undefined);
        await sleep(5);
      }
      const last = (await api.call({ method: 'GET', path: pathOf(name) })) as { metadata: { labels?: unknown } };
      if (last.metadata.labels === undefined) await removeIfThere(pathOf(name));
    });
    await expectRight();
  });
});

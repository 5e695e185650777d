import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import { useRotation } from './rotation.ts';
import { RIGHT_WITHIN_MS } from './settings.ts';
import { inParallel } from './truth.ts';

const { world, expected, expectRight, expectFollower } = useRotation({ isDirect: true });

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

/** Somebody's policy for Secrets in namespaces of theirs. */
async function guardWrites(port: number, settings: Record<string, unknown> = {}): Promise<void> {
  const body = {
    metadata: { name: 'theirs' },
    webhooks: [
      {
        name: 'theirs.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        namespaceSelector: { matchLabels: { guarded: 'yes' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['secrets'] }],
        clientConfig: { url: `https://127.0.0.1:${port}/` },
        ...settings,
      },
    ],
  };
  await world().api.call({ method: 'POST', path: WEBHOOKS, body });
}

/** Whose server accepts connections and says nothing. */
async function listenInSilence(): Promise<{ port: number; connections: () => number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket.on('error', () => undefined));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      await world().api.call({ method: 'DELETE', path: `${WEBHOOKS}/theirs` });
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function enableGuarded(names: readonly string[]): Promise<void> {
  await inParallel(names, async (name) => {
    const labels = { guarded: 'yes', 'pullkeeper.dev/inject': 'enabled' };
    await world().api.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name, labels } } });
  });
}

it("namespaces whose Secrets a third party's webhook keeps from being written do not hold up the others", async () => {
  const { api, product, truth } = world();
  // Its server is down: each write ends in a 500.
  await guardWrites(await findFreePort());
  const guarded = Array.from({ length: 40 }, (_, i) => `guarded-${i}`);
  await enableGuarded(guarded);
  // The API server takes up the configuration within a second or so: what came before that is written.
  await expect
    .poll(() => product.replica.metric('pullkeeper_reconcile_retrying'), { timeout: 20_000 })
    .toBeGreaterThan(10);
  for (const name of ['other-0', 'other-1', 'other-2']) {
    await truth.enableNamespaces([name]);
    await expectFollower(name);
  }
  await expectRight();

  await api.call({ method: 'DELETE', path: `${WEBHOOKS}/theirs` });
  // A change of a namespace has it looked at at once; without one, at the end of its back-off.
  await inParallel(guarded, (name) =>
    api.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${name}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { guarded: null } } },
    }),
  );
  const [credentials] = expected().values();
  const right = new Map(guarded.map((name) => [name, credentials]));
  await truth.becomesRight(right, { since: performance.now(), ms: RIGHT_WITHIN_MS });
});

it("namespaces whose Secrets a third party's webhook leaves without an answer do not hold up the others", async () => {
  const { api, truth, product } = world();
  await using silence = await listenInSilence();
  await guardWrites(silence.port, { timeoutSeconds: 30 });
  await untilAsked(silence.connections);
  const silent = Array.from({ length: 60 }, (_, i) => `silent-${i}`);
  await enableGuarded(silent);
  // At once, while all those are new, and when all of them are being tried again.
  await truth.enableNamespaces(['beside-0']);
  await expectFollower('beside-0');
  await expect
    .poll(() => product.replica.metric('pullkeeper_reconcile_retrying'), { timeout: 20_000 })
    .toBeGreaterThanOrEqual(60);
  await truth.enableNamespaces(['beside-1']);
  await expectFollower('beside-1');
  await expectRight();
  // Each wrote in vain: what comes to the test's end is not written after it.
  await inParallel(silent, (name) => api.call({ method: 'DELETE', path: `/api/v1/namespaces/${name}` }));
});

it("a third party's webhook that gives no answer and may be ignored delays what is written there, and that alone", async () => {
  const { truth } = world();
  await using silence = await listenInSilence();
  await guardWrites(silence.port, { failurePolicy: 'Ignore', timeoutSeconds: 10 });
  await untilAsked(silence.connections);
  await enableGuarded(['patient']);
  const [credentials] = expected().values();
  await truth.becomesRight(new Map([['patient', credentials]]), { since: performance.now(), ms: 40_000 });
});

/** The API server takes up a webhook configuration within a second or so: what comes before that is written. */
async function untilAsked(connections: () => number): Promise<void> {
  const { api } = world();
  const probe = { metadata: { name: 'probe', labels: { guarded: 'yes' } } };
  await api.call({ method: 'POST', path: '/api/v1/namespaces', body: probe }).catch(() => undefined);
  for (const before = connections(); connections() === before;) {
    const path = '/api/v1/namespaces/probe/secrets';
    const body = { metadata: { name: 'probe' } };
    await api.call({ method: 'POST', path, query: { dryRun: 'All' }, body, timeoutMs: 500 }).catch(() => undefined);
  }
}

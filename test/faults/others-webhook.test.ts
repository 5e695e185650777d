import { expect, it } from 'vitest';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import { useRotation } from './rotation.ts';
import { RIGHT_WITHIN_MS } from './settings.ts';
import { inParallel } from './truth.ts';

const { world, expected, expectRight, expectFollower } = useRotation({ isDirect: true });

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

/** Somebody's policy for Secrets in namespaces of theirs, whose server is down: each write there ends in a 500. */
async function breakWrites(): Promise<void> {
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
        clientConfig: { url: `https://127.0.0.1:${await findFreePort()}/` },
      },
    ],
  };
  await world().api.call({ method: 'POST', path: WEBHOOKS, body });
}

it("namespaces whose Secrets a third party's webhook keeps from being written do not hold up the others", async () => {
  const { api, product, truth } = world();
  await breakWrites();
  const guarded = Array.from({ length: 40 }, (_, i) => `guarded-${i}`);
  await inParallel(guarded, async (name) => {
    const labels = { guarded: 'yes', 'pullkeeper.dev/inject': 'enabled' };
    await api.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name, labels } } });
  });
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

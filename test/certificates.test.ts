import { expect, it } from 'vitest';
import { openCertificates } from '../src/certificates.ts';
import type { KubeRequest } from '../src/kube/client.ts';
import { KubeError } from '../src/kube/kube-error.ts';
import { createManualClock, settle } from './support/manual-clock.ts';

const HOUR = 3_600_000;

it('watches of what the certificate is made of go on as soon as the API server is back', async () => {
  const clock = createManualClock();
  const lists: string[] = [];
  const recovered: (() => void)[] = [];
  let isBack = false;
  const certificates = await openCertificates({
    config: {
      namespace: 'pullkeeper-system',
      lease: { leaseSeconds: 15, renewDeadlineMs: 10_000, retryPeriodMs: 2000 },
      certificate: {
        mode: 'self-managed',
        durations: { caMs: 8760 * HOUR, leafMs: 720 * HOUR, settleMs: 60_000, overlapMs: 24 * HOUR },
        extraNames: [],
      },
    },
    client: {
      call: async ({ path }: KubeRequest) => {
        lists.push(path);
        if (!isBack) throw new KubeError(503, 'ServiceUnavailable', 'not now', 30);
        return { items: [], metadata: { resourceVersion: '1' } };
      },
      watch: async function* ({ signal }) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        yield* [];
      },
      onRecovery: (listener) => recovered.push(listener),
      close: async () => undefined,
    },
    clock,
    random: () => 0,
    reports: {
      changed: () => undefined,
      refused: () => undefined,
      step: () => undefined,
      trouble: () => undefined,
      measure: () => undefined,
    },
    onWatchError: () => undefined,
  });
  const stopping = new AbortController();
  const running = certificates.watches.map((watch) => watch.run(stopping.signal));
  await settle();
  expect(lists).toHaveLength(3);
  isBack = true;
  for (const tell of recovered) tell();
  await settle();
  expect(lists).toHaveLength(6);
  expect(certificates.watches.map((watch) => watch.hasSynced())).toEqual([true, true, true]);
  stopping.abort();
  await Promise.all(running);
  await certificates.source.stop();
});

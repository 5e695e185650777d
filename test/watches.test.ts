import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import type { KubeClient, WatchEvent } from '../src/kube/client.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { createWatches } from '../src/watches.ts';
import { createManualClock, settle } from './support/manual-clock.ts';

/** An API server that has nothing at first; the test sends each of the two watches of sources its events. */
function setUp() {
  const sends = new Map<string, (event: WatchEvent) => void>();
  const client: KubeClient = {
    call: async () => ({ metadata: { resourceVersion: '10' }, items: [] }),
    watch: async function* ({ query, signal }) {
      const events: WatchEvent[] = [];
      let wake = Promise.withResolvers<void>();
      sends.set(query.fieldSelector ?? '', (event) => {
        events.push(event);
        wake.resolve();
      });
      signal.addEventListener('abort', () => wake.resolve());
      while (!signal.aborted) {
        yield* events.splice(0);
        await wake.promise;
        wake = Promise.withResolvers();
      }
    },
    onRecovery: () => undefined,
    close: () => Promise.resolve(),
  };
  const result = readConfig([], {});
  if (result.kind !== 'config') throw new Error('the defaults are no configuration');
  const watches = createWatches({
    config: result.config,
    client,
    clock: createManualClock(),
    random: () => 0,
    sha256: (content) => createHash('sha256').update(content).digest('hex'),
    logger: createLogger('silent', { write: () => undefined }),
    metrics: createMetrics(),
  });
  const told: string[] = [];
  watches.onChange({
    namespace: () => undefined,
    source: (name, uid, source) => told.push(`${name} ${uid} ${source === undefined ? 'gone' : 'there'}`),
    managed: () => undefined,
    managedListed: () => undefined,
    strictAccount: () => undefined,
  });
  return {
    told,
    run: (signal: AbortSignal) => watches.sources.map((watch) => watch.run(signal)),
    send: async (event: WatchEvent['type'], type: string, uid: string, resourceVersion: string) => {
      const metadata = { name: 'harbor', namespace: 'pullkeeper-system', uid, resourceVersion };
      sends.get(`type=kubernetes.io/${type}`)?.({ type: event, object: { metadata, type: `kubernetes.io/${type}` } });
      await settle();
    },
  };
}

it('keeps a source that was made anew with the other type, whichever of its watches tells first', async () => {
  const { told, run, send } = setUp();
  const stop = new AbortController();
  const running = run(stop.signal);
  await settle();
  await send('ADDED', 'dockercfg', 'old', '11');
  await send('ADDED', 'dockerconfigjson', 'new', '13');
  await send('DELETED', 'dockercfg', 'old', '12');
  expect(told).toEqual(['harbor old there', 'harbor new there', 'harbor new there']);
  await send('DELETED', 'dockerconfigjson', 'new', '14');
  expect(told.at(-1)).toBe('harbor new gone');
  stop.abort();
  await Promise.all(running);
});

import { createReflector } from '../../src/kube/reflector.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/system-clock.ts';
import { CONFIGURATION_KINDS, readWebhookTrust, type WebhookTrust } from '../../src/kube/webhook-certificates.ts';

/** The caBundles of the webhook configurations as they are in the API server now, learnt as it learns them: by a watch. */
export interface LiveTrust {
  /** PEM of each webhook of both configurations, the mutating one's first. */
  bundles(): readonly string[];
  /** Every bundle that there has been, in order. */
  readonly history: readonly string[];
  stop(): Promise<void>;
}

export async function followTrust(client: KubeClient): Promise<LiveTrust> {
  const stopping = new AbortController();
  const history: string[] = [];
  const watches = (['mutating', 'validating'] as const).map((kind) =>
    createReflector<readonly WebhookTrust[]>({
      name: kind,
      client,
      path: CONFIGURATION_KINDS[kind].path,
      fieldSelector: 'metadata.name=pullkeeper',
      keep: readWebhookTrust,
      onChange: (change) => {
        if (change.type === 'set') history.push(...change.value.map(({ caBundle }) => caBundle));
      },
      onError: () => undefined,
      clock: systemClock,
      random: Math.random,
    }),
  );
  const running = watches.map((watch) => watch.run(stopping.signal));
  await Promise.all(watches.map(({ synced }) => synced));
  return {
    bundles: () => watches.flatMap(({ items }) => [...items.values()].flat().map(({ caBundle }) => caBundle)),
    history,
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

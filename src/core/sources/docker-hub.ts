// Docker Hub's bare key in the managed Secret.

import { HUB_FALLBACK_KEY, HUB_HOST } from '../kubelet/docker-hub.ts';
import { matchesHost } from '../kubelet/lookup.ts';

/** The registry that a normalised key stands for: Docker Hub's two bare keys are one registry. */
export function registryOf(key: string): string {
  return key === HUB_HOST ? HUB_FALLBACK_KEY : key;
}

/**
 * The key that an entry has in the managed Secret, normalised. `docker.io` becomes the key that the kubelet falls
 * back to, so that a user's own Docker Hub Secret next to ours keeps working: a direct match would suppress that
 * Secret's `index.docker.io`. It stays `docker.io` where another key matches Docker Hub's images directly, for then the
 * fallback would not be reached.
 */
export function placeHubKey<E extends { readonly key: string }>(entries: readonly E[]): (entry: E) => string {
  const staysDirect = entries.some(({ key }) => key !== HUB_HOST && matchesHost(key, HUB_HOST));
  return ({ key }) => (key === HUB_HOST && !staysDirect ? HUB_FALLBACK_KEY : key);
}

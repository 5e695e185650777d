import { unread } from '../core/explain/unread.ts';
import type { Source } from '../core/sources/source.ts';
import type { World } from './explain-world.ts';

/** Asks no cluster: the sources are files, each of which reaches every namespace. */
export function createOfflineWorld(files: readonly Source[], namespace: string): World {
  const sources = files.map((source) => ({ source, createdAt: undefined }));
  const offline = { kind: 'offline' } as const;
  return {
    namespace,
    namespaceFacts: (name) =>
      Promise.resolve({ name, object: offline, managed: offline, sources: { kind: 'found', value: sources } }),
    account: () => Promise.resolve(offline),
    pullSecret: () => Promise.resolve(offline),
    object: () => Promise.resolve(offline),
    unread: () => [unread.offline()],
    failure: () => undefined,
  };
}

import type { DatedSource } from '../core/explain/facts.ts';
import { unread } from '../core/explain/unread.ts';
import { detectFormat } from '../core/sources/config-file-format.ts';
import { NAMESPACES_ANNOTATION } from '../core/sources/scope.ts';
import { readSource, type Source } from '../core/sources/source.ts';
import type { World } from './explain-world.ts';

/** A docker config as it was read. */
export interface ConfigFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Asks files: each is a source that reaches every namespace, named after its path. */
export function createOfflineWorld(files: readonly ConfigFile[], namespace: string): World {
  const sources: readonly DatedSource[] = files.map((file) => ({
    source: readFileAsSource(file),
    createdAt: undefined,
  }));
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

function readFileAsSource({ path, bytes }: ConfigFile): Source {
  const { type, dataKey } = detectFormat(bytes);
  return readSource({ name: path, type, annotations: { [NAMESPACES_ANNOTATION]: '*' }, data: { [dataKey]: bytes } });
}

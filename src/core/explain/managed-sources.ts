import { readOrigins } from '../secret/sources-annotation.ts';
import { registryOf } from '../sources/docker-hub.ts';

/** Which source each registry of a managed Secret came from, as its annotation says. */
export type ManagedSources = ReadonlyMap<string, string>;

/** Reads the annotation `pullkeeper.dev/sources`; one that somebody edited may say nothing. */
export function readManagedSources(annotation: string | undefined): ManagedSources {
  return new Map(readOrigins(annotation).map(({ key, source }) => [registryOf(key), source]));
}

/** The source of a normalised key of the managed Secret. */
export function sourceOf(sources: ManagedSources, key: string): string | undefined {
  return sources.get(registryOf(key));
}

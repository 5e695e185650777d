// From objects as the API server gives them to facts. They are read without trust: anybody may have written them.

import { isRecord } from '../json-value.ts';
import { MANAGED_LABEL, SOURCES_ANNOTATION } from '../secret/managed-secret.ts';
import type { ManagedSecret, NamespaceObject } from './facts.ts';
import { readManagedSources } from './managed-sources.ts';
import { readPullSecret, type PullSecretContent } from './pull-secret.ts';

/** Decodes the API's base64. */
export type DecodeBase64 = (text: string) => Uint8Array;

export function readNamespaceObject(object: unknown): NamespaceObject {
  const metadata = readMetadata(object);
  return { labels: readTexts(metadata.labels), deleting: metadata.deletionTimestamp !== undefined };
}

/** What the kubelet makes of a Secret. */
export function readSecretContent(object: unknown, decode: DecodeBase64): PullSecretContent {
  const secret = isRecord(object) ? object : {};
  const data = Object.entries(readTexts(secret.data)).map(([key, text]) => [key, decode(text)] as const);
  return readPullSecret(typeof secret.type === 'string' ? secret.type : '', Object.fromEntries(data));
}

/** The Secret that bears the managed Secret's name, whoever's it is. */
export function readManagedSecret(object: unknown, decode: DecodeBase64): ManagedSecret {
  const metadata = readMetadata(object);
  return {
    owned: readTexts(metadata.labels)[MANAGED_LABEL] === 'true',
    deleting: metadata.deletionTimestamp !== undefined,
    content: readSecretContent(object, decode),
    sources: readManagedSources(readTexts(metadata.annotations)[SOURCES_ANNOTATION]),
    createdAt: readCreationTime(object),
  };
}

/** RFC 3339 in UTC, or undefined for an object that the API server has not seen. */
export function readCreationTime(object: unknown): string | undefined {
  const { creationTimestamp } = readMetadata(object);
  return typeof creationTimestamp === 'string' ? creationTimestamp : undefined;
}

function readMetadata(object: unknown): Readonly<Record<string, unknown>> {
  return isRecord(object) && isRecord(object.metadata) ? object.metadata : {};
}

function readTexts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

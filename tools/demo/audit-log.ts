import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the API server tell of every write of a Secret, on its standard output. */
export const AUDIT_FLAGS: readonly string[] = [
  `--audit-policy-file=${join(import.meta.dirname, 'audit-policy.yaml')}`,
  '--audit-log-path=-',
];

/** One write of a Secret, by the API server's own clock, in milliseconds. */
export interface SecretWrite {
  readonly receivedAt: number;
  /** Stored, and about to be answered. */
  readonly completedAt: number;
}

interface AuditEvent {
  readonly kind: string;
  readonly objectRef?: { readonly namespace?: string; readonly name?: string };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** The last write of a Secret that the API server's log tells of; undefined when there is none. */
export async function findLastWrite(
  logFile: string,
  namespace: string,
  name: string,
): Promise<SecretWrite | undefined> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.startsWith('{"kind":"Event"'));
  const event = lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .findLast(({ objectRef }) => objectRef?.namespace === namespace && objectRef.name === name);
  if (event === undefined) return undefined;
  return { receivedAt: toMs(event.requestReceivedTimestamp), completedAt: toMs(event.stageTimestamp) };
}

/** `2026-01-31T23:59:59.123456Z`: Date knows milliseconds only. */
function toMs(timestamp: string): number {
  const micros = /\.\d{3}(\d{3})Z$/.exec(timestamp)?.[1] ?? '0';
  return Date.parse(timestamp) + Number(micros) / 1000;
}

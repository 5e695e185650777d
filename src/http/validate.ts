import { isRecord } from '../core/json-value.ts';
import type { Source } from '../core/sources/source.ts';
import type { AdmissionAnswer, AdmissionRequest } from './admission-review.ts';

/** What became of a Secret on its way into Pullkeeper's own namespace: a code for metrics. */
export type ValidateCode = 'accepted' | 'refused' | 'not-a-source' | 'being-deleted' | 'too-large' | 'not-a-secret';

export interface ValidateOutcome {
  readonly code: ValidateCode;
  readonly answer: AdmissionAnswer;
}

/** Reads a Secret object as a source; its sentences hold no credential. */
export type JudgeSource = (object: unknown) => Source;

/**
 * Whether a Secret may be stored in Pullkeeper's own namespace. The first row that holds decides:
 *
 * | # | Secret                                        | answer                                             |
 * |---|-----------------------------------------------|----------------------------------------------------|
 * | 1 | not a Secret, or not its creation or update   | allowed, not-a-secret                              |
 * | 2 | being deleted                                 | allowed, being-deleted: finalizers must come off   |
 * | 3 | larger than a Secret can be                   | allowed, too-large: no API server sends it         |
 * | 4 | no scope, so not a source (yet)               | allowed, not-a-source; what would be refused warns |
 * | 5 | a source with something to refuse             | refused, every problem in one message              |
 * | 6 | a source                                      | allowed, accepted; what may surprise warns         |
 *
 * Source: docs/sources.md, "What is refused" and "What warns".
 */
export function validateSource(request: AdmissionRequest, judge: JudgeSource): ValidateOutcome {
  const { kind, group } = request.kind;
  const writes = request.operation === 'CREATE' || request.operation === 'UPDATE';
  if (kind !== 'Secret' || group !== '' || request.subResource !== '' || !writes) return allow('not-a-secret');
  const { object } = request;
  if (!isRecord(object) || !isRecord(object.metadata)) return allow('not-a-secret');
  if (typeof object.metadata.deletionTimestamp === 'string') return allow('being-deleted');
  if (isTooLarge(object.data, object.metadata.annotations)) return allow('too-large');

  const source = judge(object);
  const warnings = tell(source.warnings).map((each) => `pullkeeper: ${each}`);
  if (source.scope.kind === 'none') {
    const later = tell(source.refusals).map((each) => `pullkeeper: ${each}`);
    return allow('not-a-source', [...warnings, ...later]);
  }
  if (source.refusals.length === 0) return allow('accepted', warnings);
  return {
    code: 'refused',
    answer: {
      allowed: false,
      message: `this Secret cannot be a source of Pullkeeper's: ${tell(source.refusals).join('; ')}`,
      warnings,
      auditAnnotations: { decision: 'refused' },
    },
  };
}

/** MaxSecretSize of k8s.io/api/core/v1: all values of `data` together. */
const MAX_DATA_BYTES = 1024 * 1024;
/** TotalAnnotationSizeLimitB of k8s.io/apimachinery: names and values. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/**
 * API servers check these before they ask. Reading more would take seconds and hundreds of MB of whoever forges it: 2 million
 * requirements in one selector ended the process (seen).
 */
function isTooLarge(data: unknown, annotations: unknown): boolean {
  const dataBytes = sum(data, (_name, base64) => Buffer.byteLength(base64, 'base64'));
  return (
    dataBytes > MAX_DATA_BYTES || sum(annotations, (name, text) => name.length + text.length) > MAX_ANNOTATIONS_BYTES
  );
}

function sum(texts: unknown, measure: (name: string, text: string) => number): number {
  if (!isRecord(texts)) return 0;
  return Object.entries(texts).reduce(
    (total, [name, text]) => total + (typeof text === 'string' ? measure(name, text) : 0),
    0,
  );
}

/**
 * More than anybody mends before the next try, and some kilobytes: a Secret of 1 MiB can hold tens of thousands of entries,
 * each with something wrong.
 */
const MOST_TOLD = 100;

function tell(notes: readonly { readonly where: string; readonly sentence: string }[]): readonly string[] {
  const told = notes.slice(0, MOST_TOLD).map(({ where, sentence }) => `${where}: ${sentence}`);
  return notes.length <= MOST_TOLD ? told : [...told, `and ${notes.length - MOST_TOLD} more`];
}

function allow(code: ValidateCode, warnings: readonly string[] = []): ValidateOutcome {
  return { code, answer: { allowed: true, warnings, auditAnnotations: { decision: code } } };
}

import { isDeepStrictEqual } from 'node:util';
import jsonPatch from 'fast-json-patch';
import { isRecord } from '../../src/core/json-value.ts';
import type { Request } from './review-case.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What is wrong with an answer; undefined: it is a review whose patch applies, or a 4xx that says why. */
export function findFault(request: Request, { status, body }: Answer): string | undefined {
  const answer = parse(body);
  if (status >= 400 && status < 500) {
    const error = isRecord(answer) ? answer.error : undefined;
    const says = isRecord(error) && typeof error.code === 'string' && typeof error.message === 'string';
    return says ? undefined : `a ${status} that does not say what is wrong`;
  }
  if (status !== 200) return `the status is ${status}`;
  const asked = parse(request.body.toString('utf8'));
  if (asked === undefined) return 'what is not JSON was answered with a review';
  if (!isRecord(asked) || !isRecord(asked.request)) return 'what has no request was answered with a review';
  if (!isRecord(answer) || answer.apiVersion !== 'admission.k8s.io/v1' || answer.kind !== 'AdmissionReview')
    return 'it is no AdmissionReview';
  const { response } = answer;
  if (!isRecord(response)) return 'it has no response';
  if (response.uid !== asked.request.uid) return 'its uid is not the one of the request';
  if (typeof response.allowed !== 'boolean') return 'allowed is not a boolean';
  if (request.path === '/mutate' && !response.allowed) return 'a Pod was denied';
  return findTextFault(response) ?? findPatchFault(asked.request.object, response);
}

/** The API server cuts these at 256 characters. */
function findTextFault({ warnings, auditAnnotations }: Readonly<Record<string, unknown>>): string | undefined {
  const texts: unknown[] = [
    ...(Array.isArray(warnings) ? warnings : []),
    ...Object.values(isRecord(auditAnnotations) ? auditAnnotations : {}),
  ];
  const isShort = texts.every((text) => typeof text === 'string' && text.length <= 256);
  return isShort ? undefined : 'a warning or an audit annotation is no text or too long';
}

function findPatchFault(object: unknown, response: Readonly<Record<string, unknown>>): string | undefined {
  if (response.patch === undefined)
    return response.patchType === undefined ? undefined : 'it has a patch type without a patch';
  if (response.patchType !== 'JSONPatch' || typeof response.patch !== 'string') return 'its patch is not a JSONPatch';
  const operations = parse(Buffer.from(response.patch, 'base64').toString('utf8'));
  if (!Array.isArray(operations)) return 'its patch is not a list';
  if (!isRecord(object) || !isRecord(object.spec)) return 'what is no Pod was patched';
  const list: unknown = object.spec.imagePullSecrets ?? [];
  if (!Array.isArray(list)) return 'a list that is none was patched';
  const before: readonly unknown[] = [...(list as unknown[])];
  const others = (pod: Readonly<Record<string, unknown>>): unknown => ({
    ...pod,
    spec: { ...(pod.spec as object), imagePullSecrets: undefined },
  });
  const rest = others(object);
  try {
    // In place: copies of what is deeply nested are made by recursion, there and in isDeepStrictEqual.
    jsonPatch.applyPatch(object, operations as jsonPatch.Operation[], true, true);
  } catch {
    return 'its patch does not apply';
  }
  const after: unknown = isRecord(object.spec) ? object.spec.imagePullSecrets : undefined;
  if (!Array.isArray(after) || after.length !== before.length + 1) return 'its patch does not add one entry';
  if (!isDeepStrictEqual(after.at(-1), { name: 'pullkeeper' }))
    return 'its patch adds another entry than the reference';
  if (!before.every((entry, index) => entry === after[index])) return 'its patch changes an entry that was there';
  return hasSameMembers(rest, others(object)) ? undefined : 'its patch changes something else';
}

/** Members by identity: what was patched in place is the same object where nothing changed. */
function hasSameMembers(one: unknown, other: unknown): boolean {
  if (!isRecord(one) || !isRecord(other)) return one === other;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => (name === 'spec' ? hasSameMembers(one[name], other[name]) : one[name] === other[name]));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

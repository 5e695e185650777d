import { isDnsLabel } from '../core/dns-name.ts';
import { isRecord } from '../core/json-value.ts';
import type { PatchOperation } from '../core/pod/patch.ts';

/** An `admission.k8s.io/v1` AdmissionReview's request, as far as it is believed. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly subResource: string;
  readonly operation: string;
  readonly namespace: string;
  /** Empty with generateName: the name is made after admission. */
  readonly name: string;
  readonly dryRun: boolean;
  readonly object: unknown;
}

export type ReviewReading =
  | { readonly kind: 'review'; readonly request: AdmissionRequest }
  | { readonly kind: 'invalid'; readonly sentence: string };

/** A uid is a UUID (36 characters); it is sent back as it came, so what is much longer is no uid. */
const LONGEST_UID = 128;

/** Reads the decoded body of a request. Never throws; a sentence says what is not as it should be. */
export function readReview(body: unknown): ReviewReading {
  if (!isRecord(body)) return invalid('the body is not a JSON object');
  if (body.apiVersion !== 'admission.k8s.io/v1' || body.kind !== 'AdmissionReview') {
    return invalid('apiVersion and kind must be admission.k8s.io/v1 and AdmissionReview');
  }
  const { request } = body;
  if (!isRecord(request)) return invalid('request is missing or not an object');
  const { uid, kind, operation } = request;
  if (typeof uid !== 'string' || uid === '' || uid.length > LONGEST_UID) {
    return invalid(`request.uid must be a string of 1 to ${LONGEST_UID} characters`);
  }
  if (!isRecord(kind) || typeof kind.kind !== 'string') return invalid('request.kind.kind must be a string');
  if (typeof operation !== 'string') return invalid('request.operation must be a string');
  const namespace = text(request.namespace);
  if (namespace !== '' && !isDnsLabel(namespace)) return invalid("request.namespace is not a namespace's name");
  return {
    kind: 'review',
    request: {
      uid,
      kind: { group: text(kind.group), version: text(kind.version), kind: kind.kind },
      subResource: text(request.subResource),
      operation,
      namespace,
      name: text(request.name),
      dryRun: request.dryRun === true,
      object: request.object,
    },
  };
}

/** What is answered to one request; `allowed: false` only ever for a source that is refused, never for a Pod. */
export interface AdmissionAnswer {
  readonly allowed: boolean;
  readonly patch?: readonly PatchOperation[];
  readonly warnings?: readonly string[];
  /** What the API server's audit log keeps, under our webhook's name. Codes only. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  /** With `allowed: false`: what the user reads. */
  readonly message?: string;
}

/** The API server cuts warnings and audit annotations at 256 characters; a cut of our own ends in "…". */
const LONGEST_WARNING = 256;

export function encodeReview(uid: string, answer: AdmissionAnswer): string {
  const patch = answer.patch ?? [];
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: answer.allowed,
      ...(patch.length === 0
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
      ...(answer.warnings === undefined || answer.warnings.length === 0
        ? {}
        : { warnings: answer.warnings.map(shorten) }),
      ...(answer.auditAnnotations === undefined ? {} : { auditAnnotations: answer.auditAnnotations }),
      ...(answer.message === undefined ? {} : { status: { code: 403, reason: 'Forbidden', message: answer.message } }),
    },
  });
}

function shorten(warning: string): string {
  return warning.length <= LONGEST_WARNING ? warning : `${warning.slice(0, LONGEST_WARNING - 1)}…`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function invalid(sentence: string): ReviewReading {
  return { kind: 'invalid', sentence };
}

import { readControllerOwner, type ControllerOwner } from '../core/pod/controller-owner.ts';
import { isRecord } from '../core/json-value.ts';
import { readPod, type PodView } from '../core/pod/pod-view.ts';
import { skip, type Decision } from '../core/pod/reasons.ts';
import type { AdmissionRequest } from './admission-review.ts';

/**
 * What is taken of a review of a Pod. It refers to nothing of the decoded body, which can be let go before anything is
 * waited for: what strangers make us hold while the API server is slow stays small.
 */
export interface PodReview {
  readonly uid: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  /** For the log: the name, or generateName and a star. */
  readonly podName: string;
  readonly controller: ControllerOwner | undefined;
  readonly subject:
    { readonly kind: 'pod'; readonly pod: PodView } | { readonly kind: 'none'; readonly decision: Decision };
}

export function readPodReview(request: AdmissionRequest): PodReview {
  return {
    uid: request.uid,
    namespace: request.namespace,
    dryRun: request.dryRun,
    podName: readPodName(request),
    controller: readControllerOwner(request.object),
    subject: readSubject(request),
  };
}

function readSubject(request: AdmissionRequest): PodReview['subject'] {
  const { kind, group } = request.kind;
  if (kind !== 'Pod' || group !== '' || request.subResource !== '') return none(skip.notAPod(describeKind(request)));
  if (request.operation !== 'CREATE') return none(skip.notACreate(describeOperation(request.operation)));
  const reading = readPod(request.object);
  if (reading.kind === 'malformed') return none(skip.malformedPod(reading.sentence));
  if (request.namespace === '') return none(skip.malformedPod('request.namespace is missing'));
  return { kind: 'pod', pod: reading.pod };
}

function none(decision: Decision): PodReview['subject'] {
  return { kind: 'none', decision };
}

/** RFC 1123 subdomain, which a Pod's name is: so long at most. */
const LONGEST_NAME = 253;

function readPodName({ name, object }: AdmissionRequest): string {
  if (name !== '') return name.slice(0, LONGEST_NAME);
  const metadata = isRecord(object) ? object.metadata : undefined;
  const prefix = isRecord(metadata) ? metadata.generateName : undefined;
  return typeof prefix === 'string' ? `${prefix.slice(0, LONGEST_NAME)}*` : '';
}

const OPERATIONS: readonly string[] = ['UPDATE', 'DELETE', 'CONNECT'];

/** Of what the request says, only words that are known go into messages, logs and metrics. */
function describeOperation(operation: string): string {
  return OPERATIONS.includes(operation) ? operation : 'an unknown operation';
}

function describeKind({ kind, subResource }: AdmissionRequest): string {
  const name = /^[A-Za-z]{1,63}$/.test(kind.kind) ? kind.kind : 'resource';
  return subResource === '' ? name : `subresource of ${name}`;
}

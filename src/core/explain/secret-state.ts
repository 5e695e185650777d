// What is to be said of one pull Secret, somebody's own or Pullkeeper's.

import { displayKey } from '../sources/display.ts';
import type { Finding } from './finding.ts';
import type { Found, ManagedSecret } from './facts.ts';
import type { ListedContent } from './pod-keyring.ts';
import type { PullSecretContent } from './pull-secret.ts';

export type SecretCode =
  'read' | 'expected' | 'missing' | 'unread' | 'skipped' | 'broken' | 'not-looked-up' | 'foreign' | 'deleting';
export type SecretState = Finding<SecretCode>;

/** A Secret that somebody else wrote. */
export function readOwnSecret(secret: Found<PullSecretContent>): { state: SecretState; content: ListedContent } {
  if (secret.kind === 'found') return { state: describeContent(secret.value), content: readContent(secret.value) };
  if (secret.kind === 'missing') {
    return {
      state: state('missing', 'there is no such Secret: the kubelet goes on without it'),
      content: { kind: 'nothing' },
    };
  }
  return {
    state:
      secret.kind === 'unread'
        ? state('unread', 'could not be read: what it holds is not known')
        : state('not-looked-up', 'is in the cluster, which was not asked: what it holds is not known'),
    content: { kind: 'unknown' },
  };
}

/** The managed Secret as it stands. */
export function readManagedState(managed: Found<ManagedSecret>): SecretState {
  if (managed.kind === 'missing') return state('missing', 'there is no such Secret');
  if (managed.kind === 'unread') return state('unread', 'could not be read: what it holds is not known');
  if (managed.kind === 'offline') return state('expected', 'would be written from the files given');
  const { owned, deleting, content } = managed.value;
  if (!owned) {
    return state(
      'foreign',
      "is not Pullkeeper's (it lacks the label pullkeeper.dev/managed=true), which leaves it alone",
    );
  }
  return deleting ? state('deleting', 'is being deleted; a finalizer holds it') : describeContent(content);
}

/** What the kubelet gets from a Secret as it stands. */
export function readContent(content: PullSecretContent): ListedContent {
  if (content.kind === 'skipped') return { kind: 'nothing' };
  if (content.kind === 'broken') return { kind: 'broken' };
  return { kind: 'keys', keys: content.keys.map(({ rawKey, key }) => ({ rawKey, key, source: undefined })) };
}

function describeContent(content: PullSecretContent): SecretState {
  if (content.kind === 'skipped') {
    return state('skipped', `${content.sentence}: the kubelet takes no credential from it`);
  }
  if (content.kind === 'broken') {
    return state(
      'broken',
      `the kubelet cannot decode it, and every pull of a Pod that lists it fails: ${content.sentence}`,
    );
  }
  return state('read', describeKeys(content.keys.map(({ rawKey }) => rawKey)));
}

/** A Secret that is not there yet and will be. */
export function expectedState(keys: readonly string[]): SecretState {
  return state('expected', `is not there yet; Pullkeeper writes it: ${describeKeys(keys)}`);
}

function describeKeys(rawKeys: readonly string[]): string {
  if (rawKeys.length === 0) return 'holds no registry';
  const shown = rawKeys.slice(0, MOST_KEYS).map(displayKey).join(', ');
  const more = rawKeys.length > MOST_KEYS ? ` and ${rawKeys.length - MOST_KEYS} more` : '';
  return `holds ${shown}${more}`;
}

/** What fits a line or two of a terminal. */
const MOST_KEYS = 5;

function state(code: SecretCode, sentence: string): SecretState {
  return { code, sentence };
}

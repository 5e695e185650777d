import type { Install, SubjectFacts } from './facts.ts';
import type { NamespaceState } from './namespace-state.ts';
import { sourceOf, type ManagedSources } from './managed-sources.ts';
import type { Offer } from './offer.ts';
import type { ListedContent, ListedKey, ListedSecret } from './pod-keyring.ts';
import type { HeldKey } from './pull-secret.ts';
import { expectedState, readContent, readManagedState, readOwnSecret, type SecretState } from './secret-state.ts';

/** A Secret in a Pod's list, who put it there, and what is known of it. */
export interface PlacedSecret extends ListedSecret {
  readonly from: 'pod' | 'service-account' | 'webhook';
  readonly state: SecretState;
}

export interface PlacingInput {
  readonly install: Install;
  readonly facts: SubjectFacts;
  readonly state: NamespaceState;
  readonly offer: Offer;
  readonly names: readonly Pick<PlacedSecret, 'name' | 'from'>[];
  /** For a Pod that is still to be made, the managed Secret will be there. */
  readonly anew: boolean;
}

/** Finds out what each Secret of a list holds, the managed one included. The kubelet skips an entry without a name. */
export function placeSecrets(input: PlacingInput): readonly PlacedSecret[] {
  return input.names
    .filter(({ name }) => name !== '')
    .map(({ name, from }) => ({
      name,
      from,
      ...(name === input.install.secretName
        ? readManaged(input)
        : readOwnSecret(input.facts.pullSecrets.get(name) ?? { kind: 'unread' })),
    }));
}

/**
 * | managed Secret   | namespace enabled, sources read | the Pod is there | it holds               |
 * |------------------|---------------------------------|------------------|------------------------|
 * | there            |                                 |                  | what it holds          |
 * | missing, offline | yes                             | no               | what Pullkeeper writes |
 * | missing          | yes                             | yes              | nothing                |
 * | missing          | no                              |                  | nothing                |
 * | unread           | yes                             |                  | what Pullkeeper writes |
 * | unread           | no                              |                  | not known              |
 */
function readManaged({ facts, state, offer, anew }: PlacingInput): { state: SecretState; content: ListedContent } {
  const { managed } = facts.namespace;
  if (managed.kind === 'found') {
    const { content, sources } = managed.value;
    const listed = readContent(content);
    return {
      state: readManagedState(managed),
      content:
        listed.kind === 'keys' ? { kind: 'keys', keys: listed.keys.map((held) => withSource(held, sources)) } : listed,
    };
  }
  const isEnabled = state.code === 'enabled' || state.code === 'assumed-enabled';
  const isWritten = isEnabled && (anew || managed.kind === 'unread');
  if (!isWritten || offer.basis !== 'sources') {
    return readOwnSecret(managed);
  }
  const keys = offer.held.map(({ heldKey, source }) => ({ rawKey: heldKey, key: heldKey, source }));
  return {
    state: managed.kind === 'unread' ? readManagedState(managed) : expectedState(keys.map(({ rawKey }) => rawKey)),
    content: { kind: 'keys', keys },
  };
}

function withSource(held: HeldKey, sources: ManagedSources): ListedKey {
  return { ...held, source: held.key === undefined ? undefined : sourceOf(sources, held.key) };
}

import { decide, type DecisionInput } from '../pod/decision.ts';
import { INJECT, type PodView } from '../pod/pod-view.ts';
import { skip, type Decision, type InjectCode, type SkipCode } from '../pod/reasons.ts';
import { forbids, type Account } from '../pod/service-account.ts';
import type { Finding } from './finding.ts';
import type { Found, Install, NamespaceFacts } from './facts.ts';
import type { NamespaceState } from './namespace-state.ts';
import type { Offer } from './offer.ts';

/** What the webhook answers when such a Pod is created now. */
export interface WebhookAnswer extends Finding<InjectCode | SkipCode | 'no-namespace' | 'unknown'> {
  readonly action: 'inject' | 'skip' | 'unknown';
}

export interface AnswerInput {
  readonly install: Install;
  readonly namespace: NamespaceFacts;
  readonly state: NamespaceState;
  readonly offer: Offer;
  /** With the list that the webhook would see: the ServiceAccount's where the Pod has none. */
  readonly pod: PodView;
  readonly account: Found<Account>;
}

/**
 * The answer, or that it cannot be known. The first row that holds decides:
 *
 * | # | namespace           | decide() says                  | offer   | managed Secret is foreign | answer                |
 * |---|---------------------|--------------------------------|---------|---------------------------|-----------------------|
 * | 1 | missing             |                                |         |                           | unknown no-namespace  |
 * | 2 | not, never enabled  |                                |         |                           | skip namespace-not-enabled |
 * | 3 |                     | inject                         |         | yes                       | skip foreign-secret   |
 * | 4 |                     | no-credential                  | unknown |                           | unknown               |
 * | 5 | unknown             | inject                         |         |                           | unknown               |
 * | 6 | labels not read     | no-credential                  | known   |                           | the decision, with a doubt |
 * | 7 |                     |                                |         |                           | the decision          |
 */
export function answerPod(input: AnswerInput): WebhookAnswer {
  const { namespace, state, offer } = input;
  if (state.code === 'missing') return { action: 'unknown', code: 'no-namespace', sentence: state.sentence };
  if (state.code === 'not-enabled' || state.code === 'never-enabled') return skip.namespaceNotEnabled(namespace.name);

  const decision = decide(decisionInput(input));
  const { managed } = namespace;
  if (decision.action === 'inject' && managed.kind === 'found' && !managed.value.owned) {
    return skip.foreignSecret(namespace.name, input.install.secretName);
  }
  if (decision.code === 'no-credential' && offer.basis === 'none') {
    return unknown(
      'neither the sources nor the managed Secret could be read, so what Pullkeeper has for its images is not known',
    );
  }
  if (decision.action === 'inject' && state.code === 'unknown') {
    return unknown(`if namespace ${namespace.name} is enabled, it adds the reference: ${decision.sentence}`);
  }
  if (decision.code === 'no-credential' && namespace.object.kind === 'unread') return withDoubt(decision);
  return decision;
}

function decisionInput({ install, namespace, offer, pod, account }: AnswerInput): DecisionInput {
  return {
    pod,
    secretName: install.secretName,
    namespaceAlways: namespace.object.kind === 'found' && namespace.object.value.labels[INJECT] === 'always',
    strictServiceAccount: account.kind === 'found' && forbids(account.value, install.secretName),
    find: (name) => offer.find(name).map(({ source }) => ({ source: source ?? 'not known' })),
  };
}

function unknown(sentence: string): WebhookAnswer {
  return { action: 'unknown', code: 'unknown', sentence };
}

function withDoubt(decision: Decision): WebhookAnswer {
  return {
    ...decision,
    sentence: `${decision.sentence} (unless its label says ${INJECT}=always, which could not be read)`,
  };
}

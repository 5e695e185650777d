import type { PodView } from '../pod/pod-view.ts';
import { placeSecrets, type PlacedSecret } from './listed-secrets.ts';
import { advise } from './advice.ts';
import type { ImageExplanation, NearMiss, SubjectExplanation } from './explanation.ts';
import type { Install, PodImage, SubjectFacts } from './facts.ts';
import { readImage } from './image-reading.ts';
import { readNamespaceState } from './namespace-state.ts';
import { readOffer, type Offer } from './offer.ts';
import { createPodKeyring, outcome, type PodKeyring } from './pod-keyring.ts';
import { readManagedState } from './secret-state.ts';
import { answerPod, type WebhookAnswer } from './webhook-answer.ts';
import { matchesName } from './near-miss.ts';

/** Explains one Pod. */
export function explainSubject(install: Install, facts: SubjectFacts): SubjectExplanation {
  const { namespace } = facts;
  const state = readNamespaceState(install, namespace);
  const offer = readOffer(namespace);
  const created = withAccountList(facts);
  const webhook = answerPod({ install, namespace, state, offer, pod: created, account: facts.account });

  const input = { install, facts, state, offer };
  const anew = placeSecrets({ ...input, names: listAnew(install, facts, created, webhook), anew: true });
  const listed =
    facts.existing === undefined
      ? anew
      : placeSecrets({ ...input, names: facts.pod.pullSecretNames.map(fromPod), anew: false });
  const context: ImageContext = {
    keyring: createPodKeyring(listed, facts.existing === undefined ? doubtList(install, facts, webhook) : []),
    own: new Set(listed.filter(({ name }) => name !== install.secretName).map(({ name }) => name)),
    anew: facts.existing !== undefined && webhook.action === 'inject' ? createPodKeyring(anew, []) : undefined,
    offer,
    facts,
  };
  const images = facts.images.map((image) => explainImage(image, context));
  return {
    title: facts.title,
    namespace: { name: namespace.name, ...state },
    managedSecret: { name: `${namespace.name}/${install.secretName}`, ...readManagedState(namespace.managed) },
    pullSecrets: listed.map(({ name, from, state: secretState }) => ({ name, from, ...secretState })),
    images,
    webhook,
    steps: advise({ ...input, webhook, listed, images }),
  };
}

type ListName = Pick<PlacedSecret, 'name' | 'from'>;

function fromPod(name: string): ListName {
  return { name, from: 'pod' };
}

/** The API server gives a Pod without a list its ServiceAccount's, before webhooks see it. */
function withAccountList({ pod, account }: SubjectFacts): PodView {
  if (pod.pullSecretNames.length > 0 || account.kind !== 'found') return pod;
  const { pullSecretNames } = account.value;
  return pullSecretNames.length === 0 ? pod : { ...pod, pullSecretNames, hasPullSecretList: true };
}

/** The list of such a Pod when it is created now. */
function listAnew(
  install: Install,
  facts: SubjectFacts,
  created: PodView,
  webhook: WebhookAnswer,
): readonly ListName[] {
  const from = facts.pod.pullSecretNames.length > 0 ? 'pod' : 'service-account';
  return [
    ...created.pullSecretNames.map((name) => ({ name, from }) as const),
    ...(webhook.action === 'inject' ? [{ name: install.secretName, from: 'webhook' } as const] : []),
  ];
}

/** Why the list of a Pod that is still to be made is not wholly known. */
function doubtList(install: Install, { pod, account }: SubjectFacts, webhook: WebhookAnswer): readonly string[] {
  return [
    ...(pod.pullSecretNames.length === 0 && account.kind === 'unread' ? ["what the Pod's ServiceAccount lists"] : []),
    ...(webhook.action === 'unknown' && webhook.code === 'unknown'
      ? [`whether the webhook adds Secret ${install.secretName}`]
      : []),
  ];
}

interface ImageContext {
  readonly keyring: PodKeyring;
  /** The names of the listed Secrets that are not the managed one. */
  readonly own: ReadonlySet<string>;
  readonly anew: PodKeyring | undefined;
  readonly offer: Offer;
  readonly facts: SubjectFacts;
}

function explainImage({ image, usedBy, waiting }: PodImage, context: ImageContext): ImageExplanation {
  const reading = readImage(image);
  const common = { image, usedBy, waiting: waiting ?? null, reading };
  if (reading.kind === 'invalid') {
    return {
      ...common,
      outcome: outcome.invalidName(reading.sentence),
      credentials: [],
      offered: null,
      inManagedSecret: null,
      nearMisses: [],
      afterRestart: null,
    };
  }
  const { name } = reading;
  const credentials = context.keyring.find(name);
  const offered = context.offer.basis === 'none' ? null : context.offer.find(name);
  return {
    ...common,
    outcome: context.keyring.judge(name),
    credentials: credentials.map((found) => ({ ...found, source: found.source ?? null })),
    offered: offered?.map(({ key, source }) => ({ key, source: source ?? null })) ?? null,
    inManagedSecret: isInManagedSecret(context.facts, name),
    nearMisses: collectNear(context, name, credentials.length > 0 || (offered ?? []).length > 0),
    afterRestart: context.anew?.judge(name) ?? null,
  };
}

function isInManagedSecret({ namespace: { managed } }: SubjectFacts, name: string): boolean | null {
  if (managed.kind === 'missing') return false;
  if (managed.kind !== 'found') return null;
  const { content } = managed.value;
  return content.kind === 'keys' && content.keys.some(({ key }) => key !== undefined && matchesName(key, name));
}

/** Where there is a credential, only what would come before or beside it is worth telling: keys that match. */
function collectNear(context: ImageContext, name: string, isServed: boolean): readonly NearMiss[] {
  const all: readonly NearMiss[] = [
    ...context.keyring
      .findNear(name, context.own)
      .map(({ key, secret, reasons }) => ({ key, source: null, secret, reasons })),
    ...context.offer
      .findNear(name)
      .map(({ key, source, reasons }) => ({ key: key ?? null, source, secret: null, reasons })),
  ];
  const told = isServed ? all.filter(({ reasons }) => reasons.some(({ code }) => KEEPS_MATCHING.has(code))) : all;
  return told.toSorted((left, right) => rankNear(left) - rankNear(right));
}

/** Fewest differences first, and of those the ones that are hardly meant so. */
function rankNear({ reasons }: NearMiss): number {
  return reasons.length + (reasons.some(({ code }) => OFTEN_MEANT.has(code)) ? 10 : 0);
}

const OFTEN_MEANT: ReadonlySet<string> = new Set(['other-path', 'other-level', 'similar-host', 'longer-path']);
const KEEPS_MATCHING: ReadonlySet<string> = new Set(['scope', 'scope-refused', 'outranked', 'fallback-unused']);

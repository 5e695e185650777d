import type { ImageExplanation, NearMiss } from './explanation.ts';
import type { ExistingPod, Install, SubjectFacts } from './facts.ts';
import type { PlacedSecret } from './listed-secrets.ts';
import type { NamespaceState } from './namespace-state.ts';
import type { Offer } from './offer.ts';
import { restart, step, type Step } from './step.ts';
import type { WebhookAnswer } from './webhook-answer.ts';

export interface AdviceInput {
  readonly install: Install;
  readonly facts: SubjectFacts;
  readonly state: NamespaceState;
  readonly offer: Offer;
  readonly webhook: WebhookAnswer;
  readonly listed: readonly PlacedSecret[];
  readonly images: readonly ImageExplanation[];
}

/** What helps, in the order in which it is done. */
export function advise(input: AdviceInput): readonly Step[] {
  const { facts, images, listed, install, state } = input;
  const { name: namespace } = facts.namespace;
  // Where the webhook is never called for Pods, nothing of Pullkeeper's helps; the namespace's state says why.
  const lacking = OUT_OF_REACH.has(state.code)
    ? []
    : images.filter(({ outcome }) => LACKS_CREDENTIAL.has(outcome.code));
  const offered = lacking.filter((image) => (image.offered ?? []).length > 0);
  const sourced = lacking.filter((image) => !offered.includes(image)).flatMap((image) => adviseSource(input, image));
  const isRefused = images.some(
    ({ waiting, outcome }) => outcome.code === 'credential' && FAILED_PULLS.has(waiting ?? ''),
  );
  return withoutRepeats([
    ...images.flatMap(({ image, outcome }) =>
      outcome.code === 'invalid-image-name' ? [step.correctImage(image)] : [],
    ),
    ...listed.flatMap(({ name, state: { code } }) =>
      code === 'broken' && name !== install.secretName ? [step.mendSecret(name)] : [],
    ),
    ...(offered.length > 0 ? deliver(input, offered) : []),
    ...sourced,
    ...(offered.length === 0 && sourced.length > 0 ? deliverAfterwards(input) : []),
    ...(facts.existing !== undefined && isRefused ? [step.askRegistry(namespace, facts.existing.name)] : []),
  ]);
}

/** The kubelet's reasons for waiting that say the registry was asked. */
const FAILED_PULLS: ReadonlySet<string> = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable']);
const OUT_OF_REACH: ReadonlySet<string> = new Set(['missing', 'never-enabled', 'deleting']);
const LACKS_CREDENTIAL: ReadonlySet<string> = new Set(['no-match', 'no-pull-secret', 'unknown']);

/** Pullkeeper has the credential, and the Pod does not get it. */
function deliver(input: AdviceInput, images: readonly ImageExplanation[]): readonly Step[] {
  const { install, facts, webhook } = input;
  const { name: namespace } = facts.namespace;
  const source = images[0]?.offered?.[0]?.source ?? undefined;
  switch (webhook.code) {
    case 'namespace-not-enabled':
      return [
        step.enableNamespace(namespace, source),
        ...restartOf(input, 'the Pod was created while the namespace was not enabled'),
      ];
    case 'foreign-secret':
      return [
        step.freeName(namespace, install.secretName),
        ...restartOf(input, 'the Pod was created without the reference'),
      ];
    case 'opted-out':
      return [step.optIn()];
    case 'strict-account':
      return [
        step.listInAccount(namespace, facts.pod.serviceAccountName, install.secretName),
        ...restartOf(input, 'the Pod was created without the reference'),
      ];
    case 'image-matched':
    case 'always':
      return restartOf(input, explainAge(input, images));
    case 'already-listed':
      if (isForeign(facts)) return [step.freeName(namespace, install.secretName)];
      return [step.checkPullkeeper(install.ownNamespace, explainMissingContent(input))];
    case 'unknown':
    case 'no-namespace':
      return [step.askAdministrator(namespace)];
    default:
      return [];
  }
}

function isForeign({ namespace: { managed } }: SubjectFacts): boolean {
  return managed.kind === 'found' && !managed.value.owned;
}

/** Nothing for a Pod that lists the managed Secret already: the kubelet reads it again at every try. */
function restartOf({ install, facts, listed }: AdviceInput, why: string): readonly Step[] {
  const { namespace, existing } = facts;
  const lists = listed.some(({ name }) => name === install.secretName);
  return existing === undefined || lists ? [] : [restart(namespace.name, existing, why)];
}

/** A source alone changes nothing where the namespace is not enabled, or for a Pod that lists no managed Secret. */
function deliverAfterwards(input: AdviceInput): readonly Step[] {
  const { facts, state } = input;
  return [
    ...(state.code === 'not-enabled' ? [step.enableNamespace(facts.namespace.name, undefined)] : []),
    ...restartOf(input, 'then, since the Pod does not list the managed Secret'),
  ];
}

/** Why an existing Pod lacks a reference that a new one would get. Times are RFC 3339 in UTC: text order is their order. */
function explainAge({ facts }: AdviceInput, images: readonly ImageExplanation[]): string {
  const { existing, namespace } = facts;
  const { managed, sources } = namespace;
  if (managed.kind === 'found' && isBefore(existing, managed.value.createdAt)) {
    return 'the Pod was created before the namespace was enabled (it is older than the managed Secret)';
  }
  const names = new Set(images.flatMap(({ offered }) => (offered ?? []).slice(0, 1).map(({ source }) => source)));
  const younger =
    sources.kind === 'found'
      ? sources.value.find(({ source, createdAt }) => names.has(source.name) && isBefore(existing, createdAt))
      : undefined;
  return younger === undefined
    ? 'the Pod was created without the reference (before a source held its registry, or while Pullkeeper did not answer)'
    : `the Pod was created before source ${younger.source.name}`;
}

function isBefore(pod: ExistingPod | undefined, time: string | undefined): boolean {
  return pod?.createdAt !== undefined && time !== undefined && pod.createdAt < time;
}

function explainMissingContent({ install, facts }: AdviceInput): string {
  const name = `${facts.namespace.name}/${install.secretName}`;
  return facts.namespace.managed.kind === 'missing'
    ? `the Pod lists Secret ${name}, which is not there; it is written within seconds`
    : `Secret ${name} does not hold yet what the sources say; it follows within seconds`;
}

/** Pullkeeper has nothing for the image in this namespace. */
function adviseSource({ install, facts }: AdviceInput, image: ImageExplanation): readonly Step[] {
  if (image.reading.kind === 'invalid') return [];
  if (image.offered === null) return [step.askAdministrator(facts.namespace.name)];
  const near = image.nearMisses.filter(({ source }) => source !== null).slice(0, MOST_NEAR);
  const isKeptOut = near.some(({ reasons }) => reasons.some(({ code }) => KEPT_OUT_CODES.has(code)));
  // Docker Hub's own images are for everybody.
  const isPublic = image.reading.name.startsWith('docker.io/library/');
  const meant = near.filter(({ reasons }) => reasons.some(({ code }) => !OTHERWISE_MEANT.has(code)));
  // No source could help: Pullkeeper refuses such a key, for no image finds it.
  if (image.reading.notes.some(({ code }) => code === 'address-without-port')) return [step.correctImage(image.image)];
  return [
    ...meant.map((miss) => adviseNear(facts.namespace.name, image.image, miss)),
    ...(isKeptOut || isPublic
      ? []
      : [step.addSource(install.ownNamespace, facts.namespace.name, image.reading.registry)]),
  ];
}

/** More would be guessing. */
const MOST_NEAR = 2;
/** A key with such a difference is most likely meant for something else. */
const OTHERWISE_MEANT: ReadonlySet<string> = new Set(['other-path', 'other-level']);
const KEPT_OUT_CODES: ReadonlySet<string> = new Set(['scope', 'no-scope', 'scope-refused', 'entry-refused']);

function adviseNear(namespace: string, image: string, { key, source, reasons }: NearMiss): Step {
  const name = source ?? '';
  if (reasons.some(({ code }) => code === 'scope')) return step.widenScope(name, namespace);
  return key === null ? step.mendSource(name) : step.mendEntry(name, key, image);
}

function withoutRepeats(steps: readonly Step[]): readonly Step[] {
  return [...new Map(steps.map((each) => [`${each.code} ${each.sentence}`, each])).values()];
}

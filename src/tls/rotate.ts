import type { RotationDurations } from '../core/tls/rotation-durations.ts';
import { rotationStep, type RotationStep } from '../core/tls/rotation-outcome.ts';
import { planRotation, type LiveBundle, type RotationAction } from '../core/tls/rotation-plan.ts';
import { readBundle } from './ca-bundle.ts';
import { createAuthority, issueLeaf, type IssuedPair } from './issue.ts';
import type { LiveConfiguration, RotationStore } from './rotation-store.ts';
import { decodeTlsSecret, encodeTlsSecret, NO_PAIR, viewMaterial, type HeldMaterial } from './tls-secret.ts';

export interface RotationOptions {
  readonly store: RotationStore;
  /** What the leaf is for; see listServiceNames. */
  readonly names: readonly string[];
  readonly durations: RotationDurations;
}

export interface Moment {
  /** Wall time, ms since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Asked right before each write. */
  readonly mayWrite: () => boolean;
}

export type Rotated =
  | { readonly result: 'stepped'; readonly action: WritingAction['action']; readonly steps: readonly RotationStep[] }
  | { readonly result: 'conflict'; readonly where: string }
  | { readonly result: 'not-leading' }
  | { readonly result: 'idle'; readonly until: number };

type WritingAction = Exclude<RotationAction, { action: 'wait' }>;
type SecretAction = Exclude<WritingAction, { action: 'publish' }>;

/** More CAs than a move from another issuer leaves behind. Without a bound the Secret could outgrow etcd's limit. */
const MOST_ADOPTED = 8;

/**
 * Reads everything, takes the one step that is planned, and returns which. A process that ends in the middle leaves the state
 * from before or after that step's one write.
 *
 * Rejects as the store does, and when a certificate cannot be issued from what the Secret holds.
 */
export async function rotate(options: RotationOptions, moment: Moment): Promise<Rotated> {
  const { store, names, durations } = options;
  // The configurations first: a bundle that is planned from a Secret read later, and applied only while the configuration
  // is the one read here, cannot undo what a newer leader has published meanwhile.
  const configurations = await store.readConfigurations(moment.signal);
  const stored = await store.readSecret(moment.signal);
  const held = decodeTlsSecret(stored);
  const bundles = configurations.flatMap(({ webhooks }) => webhooks.map(({ caBundle }) => caBundle));
  const plan = planRotation(viewMaterial(held, names), bundles.map(listIds), durations, moment.now);

  if (plan.action === 'wait') return { result: 'idle', until: plan.until };
  if (plan.action === 'publish') return publish(options, moment, { held, configurations, wanted: plan.bundle });
  const { material, step } = await prepare(plan, options, { held, bundles, now: moment.now });
  if (!moment.mayWrite()) return { result: 'not-leading' };
  const written = await store.writeSecret(encodeTlsSecret(material), stored, moment.signal);
  return written === 'conflict'
    ? { result: 'conflict', where: 'the certificate Secret' }
    : { result: 'stepped', action: plan.action, steps: [step] };
}

interface Prepared {
  readonly material: HeldMaterial;
  readonly step: RotationStep;
}

/** What the Secret holds after the step. */
async function prepare(
  plan: SecretAction,
  { names, durations: { caMs, leafMs } }: RotationOptions,
  { held, bundles, now }: { readonly held: HeldMaterial; readonly bundles: readonly string[]; readonly now: number },
): Promise<Prepared> {
  const issue = (authority: IssuedPair): Promise<IssuedPair> => issueLeaf(authority, names, { now, lifeMs: leafMs });
  switch (plan.action) {
    case 'create': {
      const ca = await createAuthority({ now, lifeMs: caMs });
      const leaf = await issue(ca);
      // What is trusted now stays trusted for a while: somebody may be serving under it (a Secret that was deleted, a move
      // from cert-manager).
      const oldCerts = joinUnique(bundles.join('\n'), MOST_ADOPTED);
      const material = { ca, leaf, next: NO_PAIR, oldCerts, nextLiveSince: undefined };
      return { material, step: rotationStep.created(endOf(leaf)) };
    }
    case 'issue-leaf': {
      const leaf = await issue(held.ca);
      return { material: { ...held, leaf }, step: rotationStep.leafIssued(plan.reason, endOf(leaf)) };
    }
    case 'create-next': {
      const next = await createAuthority({ now, lifeMs: caMs });
      return { material: { ...held, next, nextLiveSince: undefined }, step: rotationStep.nextCaCreated(endOf(next)) };
    }
    case 'mark-live':
      return { material: { ...held, nextLiveSince: now }, step: rotationStep.nextCaLive() };
    case 'forget-live':
      return { material: { ...held, nextLiveSince: undefined }, step: rotationStep.nextCaNotLive() };
    case 'switch': {
      const ca = held.next;
      const leaf = await issue(ca);
      const oldCerts = joinUnique(`${held.oldCerts}\n${held.ca.certPem}`, Infinity);
      const material = { ca, leaf, next: NO_PAIR, oldCerts, nextLiveSince: undefined };
      return { material, step: rotationStep.switched(endOf(leaf)) };
    }
    case 'drop-old':
      break;
  }
  return { material: { ...held, oldCerts: '' }, step: rotationStep.oldCaDropped() };
}

interface Publication {
  readonly held: HeldMaterial;
  readonly configurations: readonly LiveConfiguration[];
  readonly wanted: LiveBundle;
}

async function publish(
  { store }: RotationOptions,
  { signal, mayWrite }: Moment,
  { held, configurations, wanted }: Publication,
): Promise<Rotated> {
  const known = readBundle([held.oldCerts, held.ca.certPem, held.next.certPem].join('\n'));
  const pem = wanted.map((id) => known.find((authority) => authority.id === id)?.pem ?? '').join('');
  const steps: RotationStep[] = [];
  for (const configuration of configurations) {
    const isRight = ({ caBundle }: { caBundle: string }): boolean => listIds(caBundle).join() === wanted.join();
    if (configuration.webhooks.every(isRight)) continue;
    if (!mayWrite()) return { result: 'not-leading' };
    const where = `the ${configuration.kind} webhook configuration ${configuration.name}`;
    const written = await store.applyBundle(configuration, pem, signal);
    if (written === 'conflict') return { result: 'conflict', where };
    steps.push(rotationStep.bundlePublished(where));
  }
  return { result: 'stepped', action: 'publish', steps };
}

function listIds(bundlePem: string): readonly string[] {
  return readBundle(bundlePem).map(({ id }) => id);
}

/** Every certificate of a bundle once, the last `most` of them. */
function joinUnique(bundlePem: string, most: number): string {
  const pems = new Map(readBundle(bundlePem).map(({ id, pem }) => [id, pem]));
  return [...pems.values()].slice(-most).join('');
}

function endOf({ certPem }: IssuedPair): string {
  return readBundle(certPem)[0]?.certificate.validToDate.toISOString() ?? '';
}

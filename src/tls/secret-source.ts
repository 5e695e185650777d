import type { Clock } from '../core/clock.ts';
import { findIssuer, findTrustFault, readBundle } from './ca-bundle.ts';
import { createCertificateHolder } from './certificate-holder.ts';
import { certificateProblem, type CertificateProblem } from './certificate-problem.ts';
import type { CertificateSource } from './certificate-source.ts';
import type { IssuedPair } from './issue.ts';
import { readServingPair, type ServingCertificate } from './serving-certificate.ts';
import { decodeLeaf } from './tls-secret.ts';

export interface SecretSourceOptions {
  /** `namespace/name`, for sentences. */
  readonly secretKey: string;
  /** The name that API servers ask for: `service.namespace.svc`. */
  readonly serverName: string;
  readonly clock: Clock;
  /**
   * How long a CA must have been in every live bundle before a leaf under it replaces one that is still good: API servers
   * that answer from their own caches need that long to trust it too.
   */
  readonly settleMs: number;
  /** Called when what is offered cannot be used: once for each content and each reason. */
  readonly onProblem: (problem: CertificateProblem) => void;
  /** How often what was refused is judged again: time alone can make it good. Default 10 s. */
  readonly checkIntervalMs?: number;
}

/** A replica's side of the self-managed certificates: fed by watches of the Secret and the webhook configurations. */
export interface SecretSource extends CertificateSource {
  /** Resolves with the first certificate; pending until then. */
  readonly first: Promise<ServingCertificate>;
  /** The Secret's `data` as it is now (values in base64); undefined when there is no such Secret. */
  offer(data: Readonly<Record<string, string>> | undefined): void;
  /** The caBundle of every webhook in every configuration of ours that exists, PEM; '' for one without. */
  offerBundles(bundles: readonly string[]): void;
}

/**
 * Takes up a leaf once it is good in itself and every live caBundle would accept it; until then the one before it stays.
 * Nothing is judged before both the Secret and the bundles are known.
 *
 * | offered      | in every live bundle    | what is served | it is       |
 * |--------------|-------------------------|----------------|-------------|
 * | nothing      |                         |                | missing     |
 * | broken       |                         |                | that fault  |
 * | good         | no                      |                | not-trusted |
 * | good, served | yes                     |                | confirmed   |
 * | good, new    | for less than settleMs  | still good     | waiting     |
 * | good, new    | else, or none exist     |                | adopted     |
 */
export function createSecretSource(options: SecretSourceOptions): SecretSource {
  const { secretKey, serverName, clock, settleMs, checkIntervalMs = 10_000 } = options;
  const holder = createCertificateHolder(clock, options.onProblem);
  const names = { cert: `Secret ${secretKey}, tls.crt`, key: `Secret ${secretKey}, tls.key` };
  const stopping = new AbortController();
  const { promise: first, resolve } = Promise.withResolvers<ServingCertificate>();
  let offered: IssuedPair | undefined;
  let bundles: readonly string[] | undefined;
  /** The CAs that every live bundle holds, and since when (monotonic). */
  let trustedSince: ReadonlyMap<string, number> = new Map();
  let isSettling = false;
  const following = follow();

  function judge(): void {
    if (offered === undefined || bundles === undefined) return;
    const { certPem, keyPem } = offered;
    if (certPem === '' && keyPem === '') return holder.reject(certificateProblem.missing(names.cert), '');
    const now = new Date(clock.wallTime());
    const reading = readServingPair(certPem, keyPem, names, now);
    if (reading.kind === 'bad') return holder.reject(reading.problem, certPem);
    const fault = findFault(certPem, bundles, now);
    if (fault !== undefined) return holder.reject(certificateProblem.notTrusted(names.cert, fault), certPem);
    const current = holder.current();
    if (certPem === current?.certPem && keyPem === current.keyPem) return holder.confirm();
    const isServedGood =
      current !== undefined && now < current.notAfter && findFault(current.certPem, bundles, now) === undefined;
    const restMs = isServedGood ? settlesIn(certPem, bundles) : 0;
    if (restMs > 0) return void settle(restMs);
    holder.adopt(reading.certificate);
    resolve(reading.certificate);
  }

  function findFault(certPem: string, live: readonly string[], now: Date): string | undefined {
    return live.map((bundle) => findTrustFault(certPem, bundle, serverName, now)).find((fault) => fault !== undefined);
  }

  function settlesIn(certPem: string, [bundle]: readonly string[]): number {
    if (bundle === undefined) return 0;
    const since = trustedSince.get(findIssuer(certPem, bundle) ?? '') ?? clock.now();
    return since + settleMs - clock.now();
  }

  async function settle(restMs: number): Promise<void> {
    if (isSettling) return;
    isSettling = true;
    await clock.sleep(restMs, stopping.signal);
    isSettling = false;
    if (!stopping.signal.aborted) judge();
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(checkIntervalMs, stopping.signal);
      if (!stopping.signal.aborted) judge();
    }
  }

  return {
    first,
    current: () => holder.current(),
    onChange: (listener) => holder.onChange(listener),
    health: () => holder.health(),
    offer: (data) => {
      offered = decodeLeaf(data ?? {});
      judge();
    },
    offerBundles: (next) => {
      bundles = next;
      const [one = new Set<string>(), ...others] = next.map(
        (bundle) => new Set(readBundle(bundle).map(({ id }) => id)),
      );
      const everywhere = [...one].filter((id) => others.every((ids) => ids.has(id)));
      trustedSince = new Map(everywhere.map((id) => [id, trustedSince.get(id) ?? clock.now()]));
      judge();
    },
    stop: async () => {
      stopping.abort();
      await following;
    },
  };
}

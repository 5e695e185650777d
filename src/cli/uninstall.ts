import { isRecord } from '../core/json-value.ts';
import { DEFAULT_DURATIONS } from '../core/lease/durations.ts';
import { readPullSecretNames } from '../core/pod/pull-secret-names.ts';
import { MANAGED_LABEL } from '../core/secret/managed-secret.ts';
import { LEASE_NAME } from '../election.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError, KubeError } from '../kube/kube-error.ts';
import { readObjectMeta, type ObjectMeta } from '../kube/object-meta.ts';
import { METADATA_ONLY } from '../kube/strict-accounts.ts';
import { listWhole } from '../kube/whole-list.ts';
import type { ClusterFlags } from './cluster-flags.ts';
import type { ClusterConnection } from './cluster-connection.ts';
import { sayInstead } from './request-result.ts';
import type { Terminal } from './terminal.ts';
import { readUninstallRequest, type UninstallRequest } from './uninstall-flags.ts';

/** What `uninstall` needs of the process around it. */
export interface UninstallOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Rejects with an error whose message is fit to print. */
  readonly connect: (flags: ClusterFlags) => Promise<ClusterConnection>;
  /** Milliseconds since the epoch. */
  readonly wallTime: () => number;
}

type Call = KubeClient['call'];

/** A page of 500 Pods can be megabytes, and nobody waits for this command but the one who typed it. */
const LIST_TIMEOUT_MS = 60_000;

/** Removes the managed Secrets, having told which Pods refer to them. Returns the exit status: 0, 1, 2 (flags). */
export async function uninstall(options: UninstallOptions): Promise<number> {
  const { terminal } = options;
  const result = readUninstallRequest(options.argv, options.env);
  if (result.kind !== 'request') return sayInstead('uninstall', result, terminal);
  try {
    const { kubeconfig, context } = result.request;
    const connection = await options.connect({ kubeconfig, context, namespace: undefined });
    try {
      return await run(result.request, connection.call, terminal, options.wallTime());
    } finally {
      await connection.close();
    }
  } catch (error) {
    terminal.complain(`pullkeeper uninstall: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function run(request: UninstallRequest, call: Call, terminal: Terminal, now: number): Promise<number> {
  const secrets = await listWhole(call, {
    path: '/api/v1/secrets',
    query: { labelSelector: `${MANAGED_LABEL}=true` },
    accept: METADATA_ONLY.list,
    timeoutMs: LIST_TIMEOUT_MS,
  });
  if (secrets.length === 0) {
    terminal.print('There is no managed Secret.\n');
    return 0;
  }
  const managed = secrets.map((object) => readObjectMeta(object));
  terminal.print(await describePods(request, call, managed));
  const holder = await findHolder(call, request.ownNamespace, now);
  if (holder !== undefined) {
    terminal.complain(
      `Pullkeeper still runs (${holder} holds the Lease) and would put back what is removed: remove it first, as by helm uninstall, or kubectl delete -f manifests/install.yaml; if that is done, try again in half a minute\n`,
    );
  }
  if (!request.yes) {
    terminal.print(`\n--yes removes ${count(managed.length, 'Secret')}. Nothing has been changed.\n`);
    return 0;
  }
  return holder === undefined ? remove(call, managed, terminal) : 1;
}

/** One line a namespace: its Secret, and the Pods that would pull without it. */
async function describePods(
  { secretName }: UninstallRequest,
  call: Call,
  managed: readonly ObjectMeta[],
): Promise<string> {
  const pods = new Map<string, string[]>();
  for (const object of await listWhole(call, { path: '/api/v1/pods', timeoutMs: LIST_TIMEOUT_MS })) {
    if (!refersTo(object, secretName) || hasEnded(object)) continue;
    const { namespace = '', name } = readObjectMeta(object);
    pods.set(namespace, [...(pods.get(namespace) ?? []), name]);
  }
  const lines = managed.map(({ namespace = '', name }) => {
    const names = name === secretName ? (pods.get(namespace) ?? []) : [];
    const shown = names.slice(0, 5).join(', ');
    const rest = names.length > 5 ? `, and ${names.length - 5} more` : '';
    return `${namespace}/${name}: ${names.length === 0 ? 'no Pod refers to it' : `${count(names.length, 'Pod')}: ${shown}${rest}`}\n`;
  });
  return `Managed Secrets, and the Pods that refer to them (they go on running, and pull again without a credential):\n\n${lines.join('')}`;
}

async function remove(call: Call, managed: readonly ObjectMeta[], terminal: Terminal): Promise<number> {
  let removed = 0;
  const failures: string[] = [];
  for (const { namespace = '', name, uid } of managed) {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    try {
      await call({ method: 'DELETE', path, body });
      removed++;
    } catch (error) {
      // Gone, or another one by now: in both cases not what was listed.
      if (!isKubeError(error, 404) && !isKubeError(error, 409)) {
        failures.push(`${namespace}/${name}: ${error instanceof KubeError ? error.message : String(error)}`);
      }
    }
  }
  terminal.print(`\nRemoved ${count(removed, 'Secret')}.\n`);
  for (const failure of failures) terminal.complain(`${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

/**
 * Another replica takes a Lease over when its duration has passed, or a few seconds later. So when twice its duration has passed
 * without a renewal, nobody is left to renew it: a Pullkeeper that was removed together with its rights could not release it.
 */
const SILENT_DURATIONS = 2;

/** Who writes the managed Secrets now; undefined: nobody. */
async function findHolder(call: Call, namespace: string, now: number): Promise<string | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases/${LEASE_NAME}`;
  try {
    const lease = await call({ method: 'GET', path });
    const spec = isRecord(lease) && isRecord(lease.spec) ? lease.spec : {};
    const renewed = typeof spec.renewTime === 'string' ? Date.parse(spec.renewTime) : 0;
    const holder = typeof spec.holderIdentity === 'string' ? spec.holderIdentity : '';
    const seconds =
      typeof spec.leaseDurationSeconds === 'number' ? spec.leaseDurationSeconds : DEFAULT_DURATIONS.leaseSeconds;
    return holder !== '' && now - renewed < seconds * 1000 * SILENT_DURATIONS ? holder : undefined;
  } catch (error) {
    if (isKubeError(error, 404)) return undefined;
    throw error;
  }
}

function refersTo(pod: unknown, secretName: string): boolean {
  const spec = isRecord(pod) && isRecord(pod.spec) ? pod.spec : {};
  return readPullSecretNames(spec.imagePullSecrets).includes(secretName);
}

function hasEnded(pod: unknown): boolean {
  const phase = isRecord(pod) && isRecord(pod.status) ? pod.status.phase : undefined;
  return phase === 'Succeeded' || phase === 'Failed';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

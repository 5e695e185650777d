/**
 * One contender as a process of its own, for leader-process.ts. Its work is to write its name into a ConfigMap again and
 * again, each time after asking whether it leads. It tells on its standard output what happens, one JSON line each.
 */
import type { KubeClient, KubeRequest } from '../../src/kube/client.ts';
import { isKubeError } from '../../src/kube/kube-error.ts';
import { runLeaderElection } from '../../src/kube/leader.ts';
import type { Leadership } from '../../src/kube/leader-term.ts';
import { systemClock } from '../../src/kube/system-clock.ts';
import type { ProgramLine, ProgramSettings } from './leader-process.ts';
import { openClient } from './open-client.ts';

const SAMPLE_MS = 5;
const WRITE_MS = 20;

const settings = JSON.parse(process.argv[2] ?? '') as ProgramSettings;
const { namespace, leaseName, identity } = settings;
const client = await openClient(settings.kubeconfig, 'pullkeeper-test');
const shutdown = new AbortController();
process.once('SIGTERM', () => shutdown.abort());

let leadership: Leadership | undefined;
let believed = false;
const sampling = setInterval(sample, SAMPLE_MS);

await runLeaderElection({
  client: {
    call: (request) => {
      sample();
      tell('call', request.method);
      return client.call(request);
    },
  },
  namespace,
  leaseName,
  identity,
  durations: settings.durations,
  clock: systemClock,
  random: Math.random,
  onStartedLeading: async (term) => {
    leadership = term;
    tell('leads');
    sample();
    await work(client, term);
  },
  onStoppedLeading: (end) => tell('stopped', end.code),
  onNewLeader: (leader) => tell('sees', leader),
  onTrouble: (trouble) => tell('trouble', `${trouble.code}: ${trouble.sentence}`),
  signal: shutdown.signal,
});
clearInterval(sampling);
await client.close();
tell('ended');

async function work(kube: Pick<KubeClient, 'call'>, term: Leadership): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/work`;
  type ConfigMap = Readonly<Record<string, unknown>> & { readonly metadata: Readonly<Record<string, unknown>> };
  const call = async (request: KubeRequest): Promise<ConfigMap> => (await kube.call(request)) as ConfigMap;
  let current: ConfigMap | undefined;
  while (!term.signal.aborted) {
    try {
      current ??= await call({ method: 'GET', path, signal: term.signal });
      if (!term.isLeader()) return;
      // With the resourceVersion of its own last write: whoever else wrote in between shows up as a conflict.
      current = await call({ method: 'PUT', path, body: { ...current, data: { by: identity } }, signal: term.signal });
    } catch (error) {
      if (error === term.signal.reason) return;
      tell(isKubeError(error, 409) ? 'conflict' : 'trouble', String(error));
      current = undefined;
    }
    await systemClock.sleep(WRITE_MS, term.signal);
  }
}

function sample(): void {
  const believes = leadership?.isLeader() ?? false;
  if (believes !== believed) tell('believes', believes ? 'yes' : 'no');
  believed = believes;
}

function tell(what: ProgramLine['what'], detail = ''): void {
  const line: ProgramLine = { at: monotonicMs(), what, detail };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The same clock in every process of the machine, so that a test can tell what came first. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

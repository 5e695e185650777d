import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { installPullkeeper, type Installation } from '../installation/installation.ts';
import { formatDuration } from '../programs/progress.ts';
import { AUDIT_FLAGS } from './audit-log.ts';
import type { DemoOptions } from './options.ts';
import type { Printer } from './printer.ts';
import { watchSecrets } from './secret-watch.ts';
import { createSession, NotSeen, type Session } from './session.ts';
import { createShell } from './shell.ts';
import type { Step } from './step.ts';
import { STORY } from './story.ts';
import type { StepResult } from './summary.ts';
import { describeWhatToTry } from './what-to-try.ts';

export interface DemonstrationContext {
  readonly printer: Printer;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Starts a cluster, shows every step in it, and ends it. Resolves to the exit status. Rejects with the signal's reason
 * when it is aborted before all was shown, with a `ProgramFailure` when the cluster breaks. Nothing is left in any case.
 */
export async function demonstrate(options: DemoOptions, context: DemonstrationContext): Promise<number> {
  const { printer, env, signal } = context;
  const startedAt = performance.now();
  printer.say(
    'Pullkeeper on a real Kubernetes API server, on this machine. There is no node: Pods are made, not run.\n',
  );
  printer.say('Starting etcd, kube-apiserver and kube-controller-manager; the first time, they are built.');
  const cluster = await startCluster({ env, signal, apiServerFlags: AUDIT_FLAGS });
  const broken = cluster.failed.then((failure) => Promise.reject(failure));
  const ending = new AbortController();
  const showing = showAll(cluster, options.serveFlags, {
    ...context,
    signal: AbortSignal.any([signal, ending.signal]),
  });
  try {
    const { product, results } = await Promise.race([showing, broken, interruption(signal)]);
    printer.say('\nSummary\n');
    printer.summary(results, performance.now() - startedAt);
    if (options.keep) {
      printer.say(describeWhatToTry(cluster, product));
      await Promise.race([untilAborted(signal), broken]);
      printer.say('\nStopping, and removing all of it.');
    }
    return results.every(({ held }) => held) ? 0 : 1;
  } finally {
    ending.abort();
    await cluster.stop();
    // What was under way may have written into the folder after it was removed.
    await showing.catch(() => undefined);
    await rm(cluster.folder, { recursive: true, force: true });
  }
}

async function showAll(
  cluster: Cluster,
  flags: readonly string[],
  { printer, env, signal }: DemonstrationContext,
): Promise<{ product: Installation; results: readonly StepResult[] }> {
  printer.say(`Ready at ${cluster.server}. Installing Pullkeeper.`);
  const installedAt = performance.now();
  const product = await installPullkeeper(cluster, { flags });
  printer.say(`Ready ${formatDuration(performance.now() - installedAt)} later.`);
  using secrets = await watchSecrets(cluster.admin, signal);
  const session = createSession({ cluster, product, secrets, printer, shell: createShell(cluster, env, signal) });

  const results: StepResult[] = [];
  for (const step of STORY) {
    printer.title(results.length + 1, STORY.length, step.title);
    printer.about(step.about);
    results.push(await showStep(step, session, { printer, signal }));
  }
  if (results.some(({ held }) => !held)) {
    const log = await readFile(product.replica.program.logFile, 'utf8');
    printer.say(`\nPullkeeper's log ends with:\n${log.trimEnd().split('\n').slice(-5).join('\n')}`);
  }
  return { product, results };
}

async function showStep(
  step: Step,
  session: Session,
  { printer, signal }: Pick<DemonstrationContext, 'printer' | 'signal'>,
): Promise<StepResult> {
  const { title } = step;
  try {
    const note = await step.run(session);
    return { title, held: true, note: note ?? '' };
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    const { claim, instead } =
      error instanceof NotSeen ? error : { claim: 'the step can be carried out', instead: error.message };
    printer.failed(claim, instead);
    return { title, held: false, note: `not seen: ${claim}` };
  }
}

async function interruption(signal: AbortSignal): Promise<never> {
  await untilAborted(signal);
  throw signal.reason;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setControlPlaneStage } from './control-plane-stage.ts';
import { setNodeStage } from './node-stage.ts';
import type { DemoOptions } from './options.ts';
import type { Printer } from './printer.ts';
import { watchSecrets } from './secret-watch.ts';
import { createSession, NotSeen, type Session } from './session.ts';
import { createShell } from './shell.ts';
import type { Play, Stage } from './stage.ts';
import type { Step } from './step.ts';
import type { StepResult } from './summary.ts';
import { describeStaying } from './what-to-try.ts';

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
  const setStage = options.node ? setNodeStage : setControlPlaneStage;
  const stage = await setStage({ say: (line) => printer.say(line), env, signal, serveFlags: options.serveFlags });
  const { cluster } = stage;
  const broken = cluster.failed.then((failure) => Promise.reject(failure));
  const ending = new AbortController();
  const showing = showAll(stage, {
    ...context,
    signal: AbortSignal.any([signal, ending.signal]),
  });
  try {
    const { play, results } = await Promise.race([showing, broken, interruption(signal)]);
    printer.say('\nSummary\n');
    printer.summary(results, performance.now() - startedAt);
    if (options.keep) {
      printer.say(describeStaying(stage, play));
      await Promise.race([untilAborted(signal), broken]);
      printer.say('\nStopping, and removing all of it.');
    }
    return results.every(({ held }) => held) ? 0 : 1;
  } finally {
    ending.abort();
    await stage[Symbol.asyncDispose]();
    // What was under way may have written into the folder after it was removed.
    await showing.catch(() => undefined);
    await rm(cluster.folder, { recursive: true, force: true });
  }
}

async function showAll(
  stage: Stage,
  { printer, env, signal }: DemonstrationContext,
): Promise<{ play: Play; results: readonly StepResult[] }> {
  const { cluster } = stage;
  const play = await stage.prepare();
  const { product, story } = play;
  using secrets = await watchSecrets(cluster.admin, signal);
  const session = createSession({ cluster, product, secrets, printer, shell: createShell(stage, env, signal) });

  const results: StepResult[] = [];
  for (const step of story) {
    printer.title(results.length + 1, story.length, step.title);
    printer.about(step.about);
    results.push(await showStep(step, session, { printer, signal }));
  }
  if (results.some(({ held }) => !held)) {
    const log = await product.log();
    printer.say(`\nPullkeeper's log ends with:\n${log.trimEnd().split('\n').slice(-5).join('\n')}`);
  }
  return { play, results };
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

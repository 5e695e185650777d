import { startApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { createLogger, type LogDestination } from '../telemetry/logger.ts';
import type { Terminal } from './terminal.ts';

/** What `serve` needs of the process around it. */
export interface ServeOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly logs: LogDestination;
  /** Resolves when the process is asked to end: whether it has the time to serve on for a while. */
  readonly stopRequested: Promise<{ readonly drain: boolean }>;
}

/** Runs the webhook and the controller until asked to stop. Returns the exit status: 0, 1 (could not start), 2 (flags). */
export async function serve(options: ServeOptions): Promise<number> {
  const result = readConfig(options.argv, options.env);
  if (result.kind === 'help') {
    options.terminal.print(result.text);
    return 0;
  }
  if (result.kind === 'invalid') {
    options.terminal.complain(
      `pullkeeper serve: wrong configuration\n${result.problems.map((problem) => `  ${problem}\n`).join('')}`,
    );
    return 2;
  }
  const logger = createLogger(result.config.logLevel, options.logs);
  try {
    const app = await startApp(result.config, logger);
    options.logs.flush();
    const { drain } = await Promise.race([options.stopRequested, app.failed]).catch(async (error: unknown) => {
      await app.stop(0);
      throw error;
    });
    await app.stop(drain ? result.config.shutdownDelayMs : 0);
    return 0;
  } catch (error) {
    options.terminal.complain(`pullkeeper serve: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

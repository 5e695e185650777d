/** `npm run demo`: Pullkeeper on a real control plane, by the commands of an administrator, each seen to do its work. */
import { Interruption, watchForInterruption } from '../cluster/interruption.ts';
import { ProgramFailure } from '../cluster/managed-program.ts';
import { ProgramsError } from '../programs/program-set.ts';
import { demonstrate } from './demonstration.ts';
import { HELP, readOptions } from './options.ts';
import { createPrinter } from './printer.ts';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stderr.write(`${options}\nnpm run demo -- --help says what there is.\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  using interruption = await watchForInterruption(process.env);
  const unread = new AbortController();
  process.stdout.on('error', () => unread.abort(new Interruption('SIGHUP', 'stopped, for nobody reads the output')));
  const signal = AbortSignal.any([interruption.signal, unread.signal]);
  try {
    return await demonstrate(options, { printer: createPrinter(process.stdout), env: process.env, signal });
  } catch (error) {
    if (error instanceof Interruption) {
      process.stderr.write(`\n${error.message}; nothing is left behind\n`);
      return error.exitCode;
    }
    if (!(error instanceof ProgramsError || error instanceof ProgramFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

process.exitCode = await main();

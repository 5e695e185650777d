#!/usr/bin/env node
import { connectToCluster } from './cli/cluster-connection.ts';
import { explain } from './cli/explain.ts';
import { inject } from './cli/inject.ts';
import { createOutput } from './cli/output.ts';
import { serve } from './cli/serve.ts';
import type { Terminal } from './cli/terminal.ts';
import { uninstall } from './cli/uninstall.ts';
import { createLogDestination } from './telemetry/logger.ts';
import { limitHeapGrowth } from './heap-growth.ts';

const HELP = `pullkeeper: image pull Secrets for every Pod that needs one

Usage: pullkeeper COMMAND [flags]

Commands:
  serve      the webhook and the controller, as they run in a cluster
  explain    why an image pulls, or does not
  inject     manifests in, manifests out, with the reference in every Pod template that needs it
  uninstall  removes the managed Secrets, when Pullkeeper itself is gone

pullkeeper COMMAND --help says more of each.
`;

const stdout = createOutput(process.stdout);
const stderr = createOutput(process.stderr);
const terminal: Terminal = {
  print: (text) => stdout.write(text),
  complain: (text) => stderr.write(text),
};

/** SIGTERM (the kubelet) drains; SIGINT (a person) does not wait. */
function stopRequested(): Promise<{ drain: boolean }> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve({ drain: true }));
    process.once('SIGINT', () => resolve({ drain: false }));
  });
}

async function run(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'serve': {
      limitHeapGrowth();
      const logs = createLogDestination(process.stdout.fd);
      const status = await serve({ argv: rest, env: process.env, terminal, logs, stopRequested: stopRequested() });
      await logs.writeAll();
      return status;
    }
    case 'inject':
      return inject({ argv: rest, env: process.env, terminal, stdin: process.stdin });
    case 'explain':
      return explain({
        argv: rest,
        env: process.env,
        terminal,
        stdin: process.stdin,
        connect: (flags) => connectToCluster(flags, process.env, command),
      });
    case 'uninstall':
      return uninstall({
        argv: rest,
        env: process.env,
        terminal,
        connect: (flags) => connectToCluster(flags, process.env, command),
        wallTime: () => Date.now(),
      });
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      terminal.print(HELP);
      return command === undefined ? 2 : 0;
    default:
      terminal.complain(`pullkeeper: there is no command ${JSON.stringify(command)}\n\n${HELP}`);
      return 2;
  }
}

/** Waits until everything that was printed has been handed over, and returns the exit status. */
async function finish(status: number): Promise<number> {
  const problem = await stdout.handOver();
  if (problem !== undefined) terminal.complain(`pullkeeper: ${problem}\n`);
  await stderr.handOver();
  return problem === undefined ? status : 1;
}

process.exit(await finish(await run(process.argv.slice(2))));

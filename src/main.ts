#!/usr/bin/env node
import { connectToCluster } from './cli/explain-kubeconfig.ts';
import { explain } from './cli/explain.ts';
import { inject } from './cli/inject.ts';
import { serve } from './cli/serve.ts';
import type { Terminal } from './cli/terminal.ts';
import { createLogDestination } from './telemetry/logger.ts';

const HELP = `pullkeeper: image pull Secrets for every Pod that needs one

Usage: pullkeeper COMMAND [flags]

Commands:
  serve      the webhook and the controller, as they run in a cluster
  explain    why an image pulls, or does not
  inject     manifests in, manifests out, with the reference in every Pod template that needs it

pullkeeper COMMAND --help says more of each.
`;

const terminal: Terminal = {
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
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
      const logs = createLogDestination();
      const status = await serve({ argv: rest, env: process.env, terminal, logs, stopRequested: stopRequested() });
      logs.flushSync();
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
        connect: (flags) => connectToCluster(flags, process.env),
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

process.exit(await run(process.argv.slice(2)));

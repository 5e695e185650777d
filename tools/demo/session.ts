import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { readCredentials } from './credentials.ts';
import type { Printer } from './printer.ts';
import type { Product } from './product.ts';
import { PATIENCE_MS, type SecretWatch } from './secret-watch.ts';
import type { CommandResult, Shell } from './shell.ts';

/** A claim of a step that was not seen to hold. */
export class NotSeen extends Error {
  override readonly name = 'NotSeen';
  readonly claim: string;
  readonly instead: string;

  constructor(claim: string, instead: string) {
    super(`${claim}; but: ${instead}`);
    this.claim = claim;
    this.instead = instead;
  }
}

/** What a step works with: an administrator's terminal, and eyes. */
export interface Session {
  readonly cluster: Cluster;
  readonly product: Product;
  /** Prints a command line, runs it, prints what came back. */
  readonly type: (command: string) => Promise<CommandResult>;
  /** The same, where a command that fails ends the step. Returns its output without the last line end. */
  readonly run: (command: string) => Promise<string>;
  /** Prints a claim that holds; one that does not ends the step. `instead` is what was seen, and names no password. */
  readonly check: (claim: string, holds: boolean, instead: string) => void;
  /** Waits until a pull Secret holds just this: registry → `user:password`. */
  readonly checkCredentials: (
    claim: string,
    namespace: string,
    name: string,
    expected: Readonly<Record<string, string>>,
  ) => Promise<void>;
  /** How many AdmissionReviews of Pods Pullkeeper has answered, all together or with one decision. */
  readonly countReviews: (decision?: string) => Promise<number>;
}

export interface SessionOptions {
  readonly cluster: Cluster;
  readonly product: Product;
  readonly secrets: SecretWatch;
  readonly shell: Shell;
  readonly printer: Printer;
}

export function createSession({ cluster, product, secrets, shell, printer }: SessionOptions): Session {
  async function type(command: string): Promise<CommandResult> {
    printer.command(command);
    const result = await shell(command);
    printer.output(result.output);
    return result;
  }

  function check(claim: string, holds: boolean, instead: string): void {
    if (!holds) throw new NotSeen(claim, instead);
    printer.held(claim);
  }

  return {
    cluster,
    product,
    type,
    run: async (command) => {
      const { output, code } = await type(command);
      if (code !== 0) throw new NotSeen('each command succeeds', `the last one ended with code ${code}`);
      return output.trimEnd();
    },
    check,
    checkCredentials: async (claim, namespace, name, expected) => {
      const seen = await secrets.until(namespace, name, (secret) =>
        isDeepStrictEqual(readCredentials(secret), expected),
      );
      check(claim, seen, `not within ${PATIENCE_MS / 1000} s`);
    },
    countReviews: async (decision = '') => {
      return (await product.metrics())
        .split('\n')
        .filter((line) => line.startsWith('pullkeeper_admission_reviews_total{') && line.includes(`"${decision}`))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
  };
}

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { selectKubernetes } from '../cluster/kubernetes-version.ts';
import { ensurePrograms } from '../programs/ensure-programs.ts';
import { decodeAnswer, encodeQuestion, type Answer, type Question } from './protocol.ts';

/** The kubelet's own code, in a process of its own. */
export interface Oracle extends AsyncDisposable {
  /**
   * Asks one question; many may be asked at once, and are answered in order. Rejects when the oracle cannot read the
   * question or has ended.
   */
  ask(question: Question): Promise<Answer>;
}

/**
 * Builds the oracle where it is not built yet (seconds; minutes on a machine that has no Kubernetes modules) and starts it:
 * the kubelet of the present version, or of the one that `env` selects.
 */
export async function startOracle(env: NodeJS.ProcessEnv = process.env): Promise<Oracle> {
  const selected = await selectKubernetes(env);
  const present = await selectKubernetes({});
  const { oracle } = await ensurePrograms({
    name: 'oracle',
    moduleDir: import.meta.dirname,
    ...(selected.version === present.version ? {} : { modFile: join(selected.moduleDir, 'go.mod') }),
    programs: { oracle: '.' },
  });
  const child = spawn(oracle, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child, 'spawn');
  return new OracleProcess(child);
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

class OracleProcess implements Oracle {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: Waiting[] = [];
  readonly #closed: Promise<unknown>;
  #hasEnded = false;
  /** Questions of one turn of the event loop go out in one write. */
  #batch: string[] = [];

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#settle(line));
    // A write to a process that has ended fails; its exit says why.
    child.stdin.on('error', () => child.stdin.destroy());
    this.#closed = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#hasEnded = true;
        const reason = new Error(`the oracle has ended (${signal === null ? `exit code ${code}` : signal})`);
        for (const { reject } of this.#waiting.splice(0)) reject(reason);
        resolve(undefined);
      });
    });
  }

  ask(question: Question): Promise<Answer> {
    if (this.#hasEnded) return Promise.reject(new Error('the oracle has ended'));
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push({ resolve, reject });
    if (this.#batch.length === 0) setImmediate(() => this.#flush());
    this.#batch.push(encodeQuestion(question));
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    this.#child.stdin.end();
    await this.#closed;
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    this.#child.stdin.write(`${this.#batch.join('\n')}\n`);
    this.#batch = [];
  }

  #settle(line: string): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) throw new Error('the oracle has answered what was not asked');
    try {
      waiting.resolve(decodeAnswer(line));
    } catch (error) {
      waiting.reject(error as Error);
    }
  }
}

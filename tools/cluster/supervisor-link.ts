import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDataFolder } from './data-folder.ts';
import { killGroup } from './process-table.ts';
import type { ProgramExit, ProgramSpec, SupervisorMessage, SupervisorRequest } from './supervisor-messages.ts';

/** Longer than killing three processes and removing a few hundred megabytes takes on a busy machine. */
const END_TIMEOUT_MS = 20_000;

export interface RunningProgram {
  readonly pid: number;
  /** Resolves when it has ended, wanted or not. */
  readonly exited: Promise<ProgramExit>;
}

/** This process's side of the channel to a supervisor. */
export class SupervisorLink {
  /** The cluster's data folder; the supervisor removes it. */
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, PromiseWithResolvers<number | undefined>>();
  readonly #exits = new Map<number, PromiseWithResolvers<ProgramExit>>();
  #lastId = 0;
  #end: Promise<void> | undefined;

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child;
    this.folder = folder;
    child.on('message', (message: SupervisorMessage) => this.#read(message));
    child.once('exit', () => void this.#lost());
  }

  /**
   * Starts a supervisor; its data folder lies below `env`'s TMPDIR. `launcher` is a command line that runs another one,
   * its open files and its end being its own: for namespaces.
   */
  static async start(env: NodeJS.ProcessEnv, launcher: readonly string[] = []): Promise<SupervisorLink> {
    const base = env['TMPDIR'] ?? tmpdir();
    const [command = process.execPath, ...args] = [
      ...launcher,
      ...[process.execPath, join(import.meta.dirname, 'supervisor.ts'), base],
    ];
    const child = spawn(command, args, {
      // Not the rest of it: what NODE_OPTIONS says to the caller is not meant for the supervisor.
      env: { PATH: env['PATH'], HOME: env['HOME'] },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    const ready = once(child, 'message') as Promise<[SupervisorMessage]>;
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the cluster's supervisor ended with code ${code} before it was ready`);
    });
    const [message] = await Promise.race([ready, ended]);
    if (message.kind !== 'ready') throw new Error(`the cluster's supervisor began with ${message.kind}`);
    ended.catch(() => undefined);
    return new SupervisorLink(child, message.folder);
  }

  /** The process to enter for whatever is to run where the supervisor does: the launcher, or the supervisor itself. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Starts a program. Rejects when it cannot be executed, or one of its name runs already. */
  async startProgram({ name, file, args, logFile }: ProgramSpec): Promise<RunningProgram> {
    const id = this.#nextId();
    const exit = Promise.withResolvers<ProgramExit>();
    // Before the request is sent: a program can end before the answer that it was started has been read.
    this.#exits.set(id, exit);
    const pid = await this.#ask({ id, do: 'start', program: { name, file, args, logFile } });
    return { pid: pid ?? 0, exited: exit.promise };
  }

  /** Sends a signal and resolves when the program has ended. A program that does not run is no error. */
  async stopProgram(name: string, signal: NodeJS.Signals): Promise<void> {
    await this.#ask({ id: this.#nextId(), do: 'stop', name, signal });
  }

  /** Whether {@link end} was called: programs that end now do so because they were told to. */
  get isEnding(): boolean {
    return this.#end !== undefined;
  }

  /** Ends all programs and removes the folder. Resolves when both are gone. */
  end(): Promise<void> {
    this.#end ??= this.#endOnce();
    return this.#end;
  }

  async #endOnce(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit', { signal: AbortSignal.timeout(END_TIMEOUT_MS) });
      this.#ask({ id: this.#nextId(), do: 'end' }).catch(() => undefined);
      await exited.catch(() => undefined);
    }
    await this.#removeRest();
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  async #ask(request: SupervisorRequest): Promise<number | undefined> {
    const answer = Promise.withResolvers<number | undefined>();
    this.#answers.set(request.id, answer);
    this.#process.send(request, (error) => {
      if (error !== null) answer.reject(error);
    });
    return answer.promise.finally(() => this.#answers.delete(request.id));
  }

  #read(message: SupervisorMessage): void {
    switch (message.kind) {
      case 'done':
        return this.#answers.get(message.id)?.resolve(message.pid);
      case 'refused':
        return this.#answers.get(message.id)?.reject(new Error(message.reason));
      case 'exited':
        return this.#exits.get(message.id)?.resolve(message.exit);
      case 'ready':
    }
  }

  async #lost(): Promise<void> {
    for (const answer of this.#answers.values()) answer.reject(new Error("the cluster's supervisor has ended"));
    for (const exit of this.#exits.values()) exit.resolve({ code: null, signal: 'SIGKILL' });
    await this.#removeRest();
  }

  /** Does what a supervisor that hangs or was killed could not do. Its programs are in its process group. */
  async #removeRest(): Promise<void> {
    const { pid, exitCode } = this.#process;
    if (pid === undefined || exitCode === 0) return;
    await killGroup(pid);
    await removeDataFolder(this.folder);
  }
}

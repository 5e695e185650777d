/**
 * The process that owns a cluster: its programs are children of this one, its data lies in a folder that this one made.
 * When the process that asked for the cluster goes away, in whatever way, the channel to it closes, and this process
 * ends the programs and removes the folder. It runs in a session of its own, out of reach of the terminal's Ctrl-C.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDataFolder,
  recordPid,
  removeAbandonedFolders,
  removeDataFolder,
  type DataFolder,
} from './data-folder.ts';
import { endEnclosed } from './node/enclosed-processes.ts';
import type { ProgramSpec, SupervisorMessage, SupervisorRequest } from './supervisor-messages.ts';

class Supervisor {
  readonly #folder: DataFolder;
  readonly #children = new Map<string, ChildProcess>();
  #ending = false;

  constructor(folder: DataFolder) {
    this.#folder = folder;
  }

  async answer(request: SupervisorRequest): Promise<void> {
    const { id } = request;
    try {
      switch (request.do) {
        case 'start':
          return tell({ kind: 'done', id, pid: await this.#start(id, request.program) });
        case 'stop':
          await this.#stop(request.name, request.signal);
          return tell({ kind: 'done', id });
        case 'end':
          return await this.end();
      }
    } catch (error) {
      return tell({ kind: 'refused', id, reason: (error as Error).message });
    }
  }

  /** Ends every program at once: etcd's data is about to be removed, there is nothing that a slow stop would save. */
  async end(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    await Promise.all([...this.#children.keys()].map((name) => this.#stop(name, 'SIGKILL')));
    await endEnclosed(this.#folder.path);
    this.#folder.alive.close();
    await removeDataFolder(this.#folder.path);
    process.exit(0);
  }

  killAll(): void {
    for (const child of this.#children.values()) child.kill('SIGKILL');
  }

  async #start(id: number, spec: ProgramSpec): Promise<number> {
    if (this.#ending) throw new Error('the cluster is being ended');
    if (this.#children.has(spec.name)) throw new Error(`${spec.name} runs already`);
    const { path } = this.#folder;
    const log = openSync(spec.logFile, 'a');
    // Nothing else of the caller's environment: no proxy, no KUBECONFIG, no temporary files outside the folder.
    const env = { PATH: process.env['PATH'], HOME: path, TMPDIR: join(path, 'tmp'), GOGC: process.env['GOGC'] };
    const child = spawn(spec.file, spec.args, { cwd: path, env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#children.set(spec.name, child);
    child.once('exit', (code, signal) => {
      this.#children.delete(spec.name);
      tell({ kind: 'exited', id, exit: { code, signal } });
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      this.#children.delete(spec.name);
      throw error;
    }
    const pid = child.pid ?? 0;
    await recordPid(path, spec.name, pid);
    return pid;
  }

  async #stop(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

function tell(message: SupervisorMessage): void {
  // The other side may be gone: then 'disconnect' is on its way.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

const base = process.argv[2] ?? tmpdir();
const folder = await createDataFolder(base);
await mkdir(join(folder.path, 'tmp'));
const supervisor = new Supervisor(folder);
process.on('exit', () => supervisor.killAll());
process.on('message', (request: SupervisorRequest) => void supervisor.answer(request));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void supervisor.end());
process.on('disconnect', () => void supervisor.end());
if (process.connected) tell({ kind: 'ready', folder: folder.path });
else await supervisor.end();
await removeAbandonedFolders(base).catch((error: Error) => {
  process.stderr.write(`a cluster that was killed earlier could not be removed: ${error.message}\n`);
});

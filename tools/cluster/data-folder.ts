import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { removeControlGroups } from './node/control-groups.ts';
import { commandLine } from './process-table.ts';

const PREFIX = 'pullkeeper-cluster-';
const ALIVE_SOCKET = 'alive.sock';
const PID_SUFFIX = '.pid';

/** sockaddr_un holds 104 bytes on macOS (108 on Linux); the longest socket name in the folder is 10 with its slash. */
const LONGEST_FOLDER = 104 - 1 - '/peer.sock'.length - 6;

/** A folder is made before its socket listens; younger than this, a silent one may only be starting. */
const STARTING_MS = 60_000;

export interface DataFolder {
  readonly path: string;
  /** Held open as long as the folder has an owner: {@link removeAbandonedFolders} asks it. */
  readonly alive: Server;
}

/** Makes a folder that only this user can read, below `base`. */
export async function createDataFolder(base: string): Promise<DataFolder> {
  const path = await mkdtemp(join(base, PREFIX));
  if (path.length > LONGEST_FOLDER) {
    await rm(path, { recursive: true });
    throw new Error(`${base} is too long a path for the sockets of a cluster: set TMPDIR to a shorter one`);
  }
  const alive = createServer((socket) => socket.destroy());
  await once(alive.listen(join(path, ALIVE_SOCKET)), 'listening');
  return { path, alive };
}

/** Remembers a program of the folder, for {@link removeAbandonedFolders}. */
export async function recordPid(folder: string, name: string, pid: number): Promise<void> {
  await writeFile(join(folder, `${name}${PID_SUFFIX}`), String(pid));
}

/** Removes a folder whose programs have ended, and with it the control groups of the containers that it kept. */
export async function removeDataFolder(folder: string): Promise<void> {
  await removeControlGroups(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes the folders below `base` whose supervisor was killed, after ending the programs that it could not end. */
export async function removeAbandonedFolders(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const folder = join(base, name);
    if (name.startsWith(PREFIX) && (await isAbandoned(folder))) {
      await endPrograms(folder);
      await removeDataFolder(folder);
    }
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || found.uid !== process.getuid?.()) return false;
  const socket = connect(join(folder, ALIVE_SOCKET));
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED' || (code === 'ENOENT' && Date.now() - found.mtimeMs > STARTING_MS);
  } finally {
    socket.destroy();
  }
}

async function endPrograms(folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    if (!file.endsWith(PID_SUFFIX)) continue;
    const pid = Number(await readFile(join(folder, file), 'utf8'));
    // The number may belong to another process by now; ours all name the folder on their command line.
    if (pid > 1 && (await commandLine(pid)).includes(folder)) process.kill(pid, 'SIGKILL');
  }
}

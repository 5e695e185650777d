import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Cluster } from '../cluster.ts';
import { runInside } from '../enclosure.ts';
import type { RuntimeProgram } from './programs.ts';

/** A registry in the cluster's namespace that asks for a password. */
export interface Registry {
  /** Under which images are pulled from it: `registry.example.com`. */
  readonly name: string;
  /** Where it is: a loopback port in the namespace. */
  readonly port: number;
  /** Makes these the only accounts that may pull; an account that is gone or has another password is refused at once. */
  readonly setAccounts: (accounts: Readonly<Record<string, string>>) => Promise<void>;
  /** Pushes an archive as `team/app:v1`. */
  readonly push: (archive: string, image: string) => Promise<void>;
}

export interface RegistryOptions {
  readonly cluster: Cluster;
  readonly programs: Readonly<Record<RuntimeProgram, string>>;
  readonly name: string;
  readonly port: number;
}

/** A registry's data, configuration and passwords. */
export async function makeRegistryFolder({ cluster, name }: RegistryOptions): Promise<string> {
  const folder = join(cluster.folder, name);
  await mkdir(folder);
  return folder;
}

export const PUSH_ACCOUNT = { name: 'pusher', password: 'pushing' };

/** Starts distribution's registry with an htpasswd file. */
export async function startPasswordRegistry(options: RegistryOptions): Promise<Registry> {
  const folder = await makeRegistryFolder(options);
  const file = join(folder, 'htpasswd');
  async function setAccounts(accounts: Readonly<Record<string, string>>): Promise<void> {
    const all = { ...accounts, [PUSH_ACCOUNT.name]: PUSH_ACCOUNT.password };
    const lines = await Promise.all(
      Object.entries(all).map(async ([name, password]) => `${name}:${await hash(options.programs.bcrypt, password)}`),
    );
    // In place: the registry reads it again when its time of change is another one.
    await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  }
  await setAccounts({});
  await runRegistry(options, folder, { htpasswd: { realm: options.name, path: file } });
  return { name: options.name, port: options.port, setAccounts, push: await createPush(options, folder) };
}

async function hash(bcrypt: string, password: string): Promise<string> {
  const hashing = promisify(execFile)(bcrypt);
  hashing.child.stdin?.end(password);
  return (await hashing).stdout.trim();
}

/** Starts distribution's registry with its `auth` section. */
export async function runRegistry(
  { cluster, programs, name, port }: RegistryOptions,
  folder: string,
  auth: object,
): Promise<void> {
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: `127.0.0.1:${port}`, secret: 'one replica, no secret to share' },
    auth,
    log: { level: 'info', accesslog: { disabled: false } },
  };
  const file = join(folder, 'config.yml');
  await writeFile(file, stringify(config));
  const registry = cluster.program({
    name,
    file: programs.registry,
    args: ['serve', file],
    isReady: async () => (await statusInside(cluster, `http://127.0.0.1:${port}/v2/`)) === 401,
  });
  await registry.start();
}

/** The status of an answer to a GET in the cluster's namespaces; 0 when there is none. */
export async function statusInside(cluster: Cluster, url: string): Promise<number> {
  return Number(await runInside(cluster.entrance, process.execPath, ['-e', GET_STATUS, url]));
}

const GET_STATUS = 'fetch(process.argv[1]).then((r) => r.status, () => 0).then((s) => process.stdout.write(`${s}`))';

/** Pushes as the one account that may. */
export async function createPush(
  { cluster, programs, port }: RegistryOptions,
  folder: string,
): Promise<Registry['push']> {
  await writePushLogin(folder, port);
  return async (archive, image) => {
    const args = ['push', archive, `127.0.0.1:${port}/${image}`];
    await runInside(cluster.entrance, programs.crane, args, { ...process.env, DOCKER_CONFIG: folder });
  };
}

/** Writes what `docker login` to a loopback port would, for the account that may push. */
export async function writePushLogin(folder: string, port: number): Promise<void> {
  const auth = Buffer.from(`${PUSH_ACCOUNT.name}:${PUSH_ACCOUNT.password}`).toString('base64');
  const config = { auths: { [`127.0.0.1:${port}`]: { auth } } };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
}

import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manageProgram } from './managed-program.ts';
import type { SupervisorLink } from './supervisor-link.ts';

/**
 * Linux namespaces of a cluster's own (network, mounts, processes), in which its supervisor and all its programs run.
 * Its ports are nobody else's, and what its programs leave behind goes with the namespaces.
 */
export interface Enclosure {
  /** Command line that runs another one inside. */
  readonly launcher: readonly string[];
  /** The API server's port: nobody else listens inside. */
  readonly apiServerPort: number;
}

/** Command line that runs another one in the network and mount namespaces of a launcher's process. Root's to use. */
export function entrance(launcherPid: number): string[] {
  return ['nsenter', `--net=/proc/${launcherPid}/ns/net`, `--mount=/proc/${launcherPid}/ns/mnt`];
}

/** Runs a command through an entrance (or right here, where that is empty) and returns what it printed. */
export async function runInside(
  entrance: readonly string[],
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const [command, ...before] = [...entrance, file];
  return (await promisify(execFile)(command, [...before, ...args], { env })).stdout;
}

/** What passes calls from outside to a socket file on to a loopback port inside. */
export function gatewaySpec(socketPath: string, port: number) {
  return {
    name: 'gateway',
    file: process.execPath,
    args: [join(import.meta.dirname, 'node/gateway-program.ts'), socketPath, String(port)],
    isReady: () => access(socketPath).then(() => true),
  };
}

/** Starts what passes calls from outside on to the API server, and returns the socket to call. */
export async function openGateway(link: SupervisorLink, { apiServerPort }: Enclosure): Promise<string> {
  const socketPath = join(link.folder, 'api.sock');
  const gateway = manageProgram(link, {
    ...gatewaySpec(socketPath, apiServerPort),
    logFile: join(link.folder, 'log', 'gateway.log'),
    onFailure: () => undefined,
  });
  await gateway.start();
  return socketPath;
}

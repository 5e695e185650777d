import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gatewaySpec } from '../enclosure.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { openLoopbackDoor } from './loopback-door.ts';
import { writePushLogin } from './registry.ts';
import type { NodeCluster } from './start-node.ts';

/** How this machine's other processes reach what is in a node's network namespace, as long as this one lives. */
export interface WayIn extends AsyncDisposable {
  /** Where they reach the API server. */
  readonly server: string;
  /** Path of an admin's kubeconfig. */
  readonly kubeconfig: string;
  /** The loopback port of the registry with the htpasswd file. */
  readonly registryPort: number;
  /** Folder for DOCKER_CONFIG to name: the login of the account that may push to that port. */
  readonly pushLogin: string;
}

export async function openWayIn({ cluster, registry }: NodeCluster): Promise<WayIn> {
  const { admin, folder } = cluster;
  if (admin.socketPath === undefined) throw new Error('this cluster has no network namespace of its own');
  await using opened = new AsyncDisposableStack();
  const api = opened.use(await openLoopbackDoor(admin.socketPath));
  const kubeconfig = join(folder, 'outside.kubeconfig');
  const server = `https://127.0.0.1:${api.port}`;
  await writeKubeconfig(kubeconfig, 'admin', { ...admin, server });

  const socketPath = join(folder, 'registry.sock');
  await cluster.program({ ...gatewaySpec(socketPath, registry.port), name: 'registry-gateway' }).start();
  const images = opened.use(await openLoopbackDoor(socketPath));
  const pushLogin = join(folder, 'push-login');
  await mkdir(pushLogin);
  await writePushLogin(pushLogin, images.port);

  const kept = opened.move();
  return { server, kubeconfig, registryPort: images.port, pushLogin, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTAINER_FOLDERS } from './node-place.ts';

const ROOT = '/sys/fs/cgroup';
/** Where containerd puts containers of the namespace `k8s.io` that the kubelet names no parent for. */
const PARENT = 'k8s.io';

/** The kernel lets go of a group when the last of its processes has been collected. */
const EMPTY_WITHIN_MS = 2000;

/** Removes the control groups of the containers that a killed containerd has left: no namespace takes them away. */
export async function removeControlGroups(folder: string): Promise<void> {
  const perNode = CONTAINER_FOLDERS.map((containers) => readdir(join(folder, containers)).catch(() => []));
  const containers = (await Promise.all(perNode)).flat();
  if (containers.length === 0) return;
  // Version 1 has a hierarchy for each controller, version 2 is one.
  const hierarchies = ['', ...(await readdir(ROOT))].map((name) => join(ROOT, name, PARENT));
  await Promise.all(hierarchies.flatMap((parent) => containers.map((id) => remove(join(parent, id)))));
  // Another cluster's containers keep it.
  for (const parent of hierarchies) await rmdir(parent).catch(() => undefined);
}

async function remove(group: string): Promise<void> {
  const deadline = performance.now() + EMPTY_WITHIN_MS;
  for (;;) {
    const code = await rmdir(group).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (code !== 'EBUSY' || performance.now() > deadline) return;
    await sleep(20);
  }
}

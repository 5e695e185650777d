import { ensurePullkeeperImage, missingForImage } from '../image/cached-image.ts';
import { ensureHelm } from '../chart/helm.ts';
import { createHelm } from '../installation/helm-command.ts';
import { installOnNode } from '../installation/node-installation.ts';
import { ProgramsError } from '../programs/program-set.ts';
import type { KeptCluster, KeepOptions } from './kept-cluster.ts';
import { describeNode, PASSWORD, PULLER, ROBOT } from './node-instructions.ts';
import { findNodeProblem } from './node/requirements.ts';
import { startNode, type NodeCluster } from './node/start-node.ts';
import { openWayIn } from './node/way-in.ts';

export interface KeepNodeOptions extends KeepOptions {
  /** Leaves Pullkeeper to be installed by hand. */
  readonly bare: boolean;
}

/** A cluster with a node, on which Pullkeeper's own image is, and two registries that hold an image each. */
export async function keepNode({ apiServerFlags, bare, signal }: KeepNodeOptions): Promise<KeptCluster> {
  const problem = await findNodeProblem(process.env, await missingForImage(process.env));
  if (problem !== undefined) throw new ProgramsError(problem);
  const archive = await ensurePullkeeperImage(process.env, signal);
  const helm = await ensureHelm({ signal });
  const node = await startNode({ apiServerFlags, signal });
  const interrupt = (): void => void node.cluster.stop();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    await Promise.all([node.images.load(archive), publishExamples(node)]);
    if (!bare) await installOnNode(node.cluster, createHelm(node.cluster, helm));
    const wayIn = await openWayIn(node);
    return {
      cluster: node.cluster,
      server: wayIn.server,
      instructions: await describeNode(node, { wayIn, helm, bare }),
      [Symbol.asyncDispose]: async () => {
        await wayIn[Symbol.asyncDispose]();
        await node.cluster.stop();
      },
    };
  } catch (error) {
    await node.cluster.stop();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

async function publishExamples({ registry, harbor, images }: NodeCluster): Promise<void> {
  await Promise.all([
    registry.setAccounts({ [PULLER]: PASSWORD }),
    harbor.setAccounts({ [ROBOT]: PASSWORD }),
    ...[registry, harbor].map(async ({ name, push }) => push(await images.make(`${name}/team/app:v1`), 'team/app:v1')),
  ]);
}

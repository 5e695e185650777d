/** Starts a node with a container that runs, says so, and keeps it: `node-leftovers.test.ts` kills it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startNode } from '../../tools/cluster/node/start-node.ts';

const { cluster, images } = await startNode();
await images.load(await images.make('localhost/app:1'));
const image = ['run', 'app', '--image=localhost/app:1', '--image-pull-policy=Never'];
const { code, stderr } = await cluster.kubectl(image);
if (code !== 0) throw new Error(stderr);
await cluster.kubectl(['wait', '--for=condition=Ready', 'pod/app', '--timeout=60s']);
process.stdout.write(`${JSON.stringify({ folder: cluster.folder, entrance: cluster.entrance })}\n`);
await sleep(600_000);

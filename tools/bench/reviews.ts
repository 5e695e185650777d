/**
 * `npm run bench:reviews`: what a review costs the bundle, in CPU time, against the least that a server in Node could do with
 * it: node:https and JSON.parse. Both are measured in turns in one run, so that only their ratio counts.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { createDevelopmentCertificates } from '../certs/development.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { BASE_REVIEWS } from '../fuzz-reviews/base-reviews.ts';
import { installPullkeeper, NAMESPACE } from '../installation/installation.ts';

const BUNDLE = join(import.meta.dirname, '../../dist/pullkeeper.js');
const ROUNDS = 5;
const REVIEWS_PER_ROUND = 8000;
/** As many as keep a server busy, and are answered at once. */
const CONNECTIONS = 16;
/** Linux counts a process's CPU time in hundredths of a second (USER_HZ). */
const TICK_MS = 10;

interface Target {
  readonly name: string;
  readonly url: string;
  readonly caPem: string;
  readonly pid: number;
}

interface Measure {
  readonly cpuMicroseconds: number;
  readonly perSecond: number;
}

/** A Pod as controllers make them: two containers, volumes, tolerations, an owner; 3 KiB. */
const BODY = JSON.stringify(BASE_REVIEWS[1]?.review);

async function measure(target: Target): Promise<Measure> {
  const agent = new Agent({ connect: { ca: target.caPem }, allowH2: false, connections: CONNECTIONS });
  let left = REVIEWS_PER_ROUND;
  async function ask(): Promise<void> {
    while (left-- > 0) {
      const { statusCode, body } = await request(target.url, {
        method: 'POST',
        dispatcher: agent,
        headers: { 'content-type': 'application/json' },
        body: BODY,
      });
      if (statusCode !== 200) throw new Error(`${target.name} answered ${statusCode}`);
      await body.dump();
    }
  }
  const [startedAt, cpuBefore] = [performance.now(), await readCpuMs(target.pid)];
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  const [seconds, cpuMs] = [(performance.now() - startedAt) / 1000, (await readCpuMs(target.pid)) - cpuBefore];
  await agent.close();
  return { cpuMicroseconds: (cpuMs * 1000) / REVIEWS_PER_ROUND, perSecond: REVIEWS_PER_ROUND / seconds };
}

/** User and system time of all of a process's threads (proc(5): fields 14 and 15, after the name in parentheses). */
async function readCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The least: decode the body, answer with a review that allows. Runs in a process of its own. */
async function serveBarely(): Promise<void> {
  const { caPem, certPem, keyPem } = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 1 });
  const server = createServer({ cert: certPem, key: keyPem, keepAliveTimeout: 125_000 }, (incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { request: asked } = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
      const response = { uid: asked.uid, allowed: true };
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port, caPem }));
  process.on('disconnect', () => process.exit(0));
}

async function startBareServer(): Promise<{ child: ChildProcess; target: Target }> {
  const child = fork(import.meta.filename, ['bare']);
  const [{ port, caPem }] = (await once(child, 'message')) as [{ port: number; caPem: string }];
  return { child, target: { name: 'node:https', url: `https://127.0.0.1:${port}/`, caPem, pid: child.pid ?? 0 } };
}

async function compare(): Promise<void> {
  await using cluster = await startCluster();
  const { replica, caPem } = await installPullkeeper(cluster, { entry: BUNDLE });
  const apply = async (manifest: unknown): Promise<void> => {
    const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
    if (code !== 0) throw new Error(stderr);
  };
  const auths = {
    'harbor.example.com:8443': { username: 'u', password: 'p' },
    'ghcr.io/acme/': { username: 'u', password: 'p' },
  };
  await apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'all', namespace: NAMESPACE, annotations: { 'pullkeeper.dev/namespaces': '*' } },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': JSON.stringify({ auths }) },
  });
  await apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'tom', labels: { 'pullkeeper.dev/inject': 'enabled' } },
  });

  const bare = await startBareServer();
  const product = { name: 'pullkeeper', url: `${replica.webhookOrigin}/mutate`, caPem, pid: replica.program.pid ?? 0 };
  // The first round of each compiles what runs often.
  for (const target of [bare.target, product]) await measure(target);
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const [least, ours] = [await measure(bare.target), await measure(product)];
    ratios.push(least.cpuMicroseconds / ours.cpuMicroseconds);
    for (const [name, { cpuMicroseconds, perSecond }] of [
      ['node:https', least],
      ['pullkeeper', ours],
    ] as const) {
      console.log(
        `round ${round}: ${name.padEnd(10)} ${cpuMicroseconds.toFixed(0)} µs CPU a review, ${Math.round(1e6 / cpuMicroseconds)}/s on one core (${Math.round(perSecond)}/s asked)`,
      );
    }
  }
  bare.child.disconnect();
  const injected = await replica.metric(
    'pullkeeper_admission_reviews_total{decision="image-matched",secret="present"}',
  );
  if ((injected ?? 0) < ROUNDS * REVIEWS_PER_ROUND) throw new Error('the reviews were not answered with a patch');
  const median = ratios.toSorted((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0;
  console.log(
    `pullkeeper answers ${median.toFixed(2)} of what node:https with JSON.parse does, on the same CPU time (median of ${ROUNDS})`,
  );
}

await (process.argv[2] === 'bare' ? serveBarely() : compare());

import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import type { RotationDurations } from '../../src/core/tls/rotation-durations.ts';
import { findRotationProblems } from '../../src/core/tls/rotation-durations.ts';
import { systemClock } from '../../src/kube/system-clock.ts';
import type { CertificateProblem } from '../../src/tls/certificate-problem.ts';
import { listServiceNames } from '../../src/tls/issue.ts';
import { createSecretSource, type SecretSource } from '../../src/tls/secret-source.ts';
import { secureContextOptions } from '../../src/tls/secure-context.ts';
import { createSelfManaged } from '../../src/tls/self-managed.ts';
import { createMemoryCluster, type MemoryCluster } from '../tls/memory-cluster.ts';

const SERVER_NAME = 'pullkeeper.ns.svc';
const NAMES = listServiceNames('pullkeeper', 'ns');
/** Short enough for several CAs in the test's time; X.509 counts in seconds, so not much shorter. */
const DURATIONS: RotationDurations = { caMs: 9000, leafMs: 6000, settleMs: 600, overlapMs: 1500 };
const TEST_MS = 20_000;
/** 200 new connections a second. */
const CONNECT_EVERY_MS = 5;
/** A machine that cannot keep up is asked for less: all of this is one process, whose rotation must come to its turn. */
const MOST_UNDER_WAY = 20;
/** Half of what the durations allow for; the other replica is told at once. */
const API_SERVER_LAG_MS = 300;
const LATE_REPLICA_LAG_MS = 700;

interface Replica {
  readonly server: Server;
  readonly source: SecretSource;
  readonly problems: CertificateProblem[];
  adoptions: number;
}

test(
  'leaf and CA rotate every few seconds under strict clients that trust the live bundle alone: none fails',
  { timeout: 2 * TEST_MS },
  async () => {
    expect(findRotationProblems(DURATIONS)).toEqual([]);
    const cluster = createMemoryCluster();
    const stopping = new AbortController();
    const { signal } = stopping;
    const authorities = new Set<string>();
    cluster.onChange(() => authorities.add(cluster.material().ca.certPem));

    const replicas = [createReplica(), createReplica()];
    for (const [index, { source }] of replicas.entries()) feed(cluster, source, index * LATE_REPLICA_LAG_MS, signal);
    const seen = followBundles(cluster, signal);
    const leading = lead(cluster, signal);
    await Promise.all(replicas.map(({ server, source }) => serve(server, source)));

    const failures: string[] = [];
    const open = await Promise.all(replicas.map(({ server }) => openConnection(server, trust(seen.bundles()[0]))));
    let calls = 0;
    const running = new Set<Promise<void>>();
    const startedAt = performance.now();
    for (let turn = 0; performance.now() - startedAt < TEST_MS; turn++) {
      const replica = replicas[turn % replicas.length];
      // The mutating configuration's bundle and the validating one's in turn, as the API server sees them now.
      const bundle = seen.bundles()[(turn >> 1) % 2];
      if (replica === undefined) throw new Error('there is no replica');
      if (running.size < MOST_UNDER_WAY) run(callOnce(replica.server, trust(bundle)).then(count, fail));
      if (turn % 100 === 0) for (const socket of open) run(ask(socket).then(count, fail));
      if (turn % 700 === 350) for (const each of replicas) run(offerBroken(each, cluster, signal));
      await delay(Math.max(0, (turn + 1) * CONNECT_EVERY_MS - (performance.now() - startedAt)));
    }
    await Promise.all(running);

    function run(work: Promise<void>): void {
      const done = work.finally(() => running.delete(done));
      running.add(done);
    }
    function count(): void {
      calls++;
    }
    function fail(error: unknown): void {
      failures.push(error instanceof Error ? error.message : String(error));
    }

    stopping.abort();
    await leading;
    for (const socket of open) socket.destroy();
    for (const { server, source } of replicas) {
      await source.stop();
      server.closeAllConnections();
      server.close();
    }

    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(1000);
    // A CA every 6 s or so, a leaf every 4 s or so and with each CA.
    expect(authorities.size).toBeGreaterThanOrEqual(3);
    for (const { adoptions } of replicas) expect(adoptions).toBeGreaterThanOrEqual(5);
    for (const { problems } of replicas) expect(problems.map(({ code }) => code)).toContain('not-a-key');
  },
);

function createReplica(): Replica {
  const problems: CertificateProblem[] = [];
  const source = createSecretSource({
    secretKey: 'ns/tls',
    serverName: SERVER_NAME,
    clock: systemClock,
    settleMs: DURATIONS.settleMs,
    onProblem: (problem) => problems.push(problem),
    checkIntervalMs: 200,
  });
  const server = createServer((_request, response) => response.end('ok'));
  server.keepAliveTimeout = 2 * TEST_MS;
  const replica: Replica = { server, source, problems, adoptions: 0 };
  source.onChange((certificate) => {
    replica.adoptions++;
    server.setSecureContext(secureContextOptions(certificate));
  });
  return replica;
}

async function serve(server: Server, source: SecretSource): Promise<void> {
  await source.first;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/** Watches: every state arrives, in order, some time later. */
function feed(cluster: MemoryCluster, source: SecretSource, lagMs: number, signal: AbortSignal): void {
  cluster.onChange(() => {
    const [data, bundles] = [cluster.secret()?.data, cluster.bundles()];
    void systemClock.sleep(lagMs, signal).then(() => source.offer(data));
    void systemClock.sleep(lagMs / 2, signal).then(() => source.offerBundles(bundles));
  });
}

/** What a replica must not use; the watch that brings the truth again comes a little later. */
async function offerBroken({ source }: Replica, cluster: MemoryCluster, signal: AbortSignal): Promise<void> {
  const good = cluster.secret()?.data;
  source.offer({ ...good, 'tls.key': 'AAAA' });
  await systemClock.sleep(100, signal);
  if (cluster.secret()?.data === good) source.offer(good);
}

/** The bundles as an API server that lags sees them. */
function followBundles(cluster: MemoryCluster, signal: AbortSignal): { bundles(): readonly string[] } {
  let bundles: readonly string[] = [];
  cluster.onChange(() => {
    const changed = cluster.bundles();
    void systemClock.sleep(API_SERVER_LAG_MS, signal).then(() => (bundles = changed));
  });
  return { bundles: () => bundles };
}

/** One leader after another: each is cut off in the middle of whatever it does. */
async function lead(cluster: MemoryCluster, signal: AbortSignal): Promise<void> {
  cluster.intercept = () => delay(Math.random() * 20);
  while (!signal.aborted) {
    const term = AbortSignal.any([signal, AbortSignal.timeout(500 + Math.floor(Math.random() * 2500))]);
    const selfManaged = createSelfManaged({
      store: cluster.store,
      names: NAMES,
      durations: DURATIONS,
      clock: systemClock,
      random: Math.random,
      onStep: () => {},
      onTrouble: () => {},
    });
    await selfManaged.run({ signal: term, isLeader: () => !term.aborted });
  }
}

const contexts = new Map<string, SecureContext>();

/** A client's trust: that bundle and nothing else. */
function trust(bundle: string | undefined): SecureContext {
  const ca = bundle ?? '';
  const known = contexts.get(ca) ?? createSecureContext({ ca });
  contexts.set(ca, known);
  return known;
}

async function openConnection(server: Server, secureContext: SecureContext): Promise<TLSSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, servername: SERVER_NAME, secureContext });
  await once(socket, 'secureConnect');
  return socket;
}

async function callOnce(server: Server, secureContext: SecureContext): Promise<void> {
  const socket = await openConnection(server, secureContext);
  await ask(socket);
  socket.destroy();
}

async function ask(socket: TLSSocket): Promise<void> {
  socket.write(`GET / HTTP/1.1\r\nhost: ${SERVER_NAME}\r\n\r\n`);
  const [data] = (await once(socket, 'data')) as [Buffer];
  if (!data.toString().startsWith('HTTP/1.1 200 OK')) throw new Error('another answer than 200');
}

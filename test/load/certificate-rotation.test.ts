import { X509Certificate } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Replica } from '../../tools/installation/installation.ts';
import { createDryRunPod } from '../cluster/dry-run-pod.ts';
import { followTrust, type LiveTrust } from '../cluster/live-trust.ts';
import { useClient, usePullkeeper, useTom } from '../cluster/stage.ts';
import { connectStrictly, review } from '../cluster/strict-client.ts';

/** How long the rotation runs under load: by hand for minutes, here for two CAs' lives. */
const SECONDS = Number(process.env['PULLKEEPER_ROTATION_SECONDS'] ?? 25);
/** A leaf every 5 s, a CA every 7: X.509 counts in seconds, and a busy machine must have its moments within them. */
const FLAGS = ['--ca-duration=12s', '--leaf-duration=8s', '--bundle-settle=1s', '--ca-overlap=3s'];
/** 300 reviews a second: 100 on connections of their own, 200 on ones that stay open. */
const TURN_MS = 10;
const OPEN_PER_TURN = 2;
/** A machine that cannot keep up is asked for less: this is about certificates, not about overload. */
const MOST_UNDER_WAY = 40;
const IMAGE = 'harbor.example.com/team/app:v1';

const { cluster, admin, product } = usePullkeeper({ flags: FLAGS });
const client = useClient(cluster);
useTom(admin);

let replicas: readonly Replica[];
let trust: LiveTrust;

beforeAll(async () => {
  replicas = [product().replica, await product().startReplica()];
  trust = await followTrust(client());
});
afterAll(() => trust.stop());

it(
  'leaf and CA rotate every few seconds under 300 reviews/s of clients that trust the live caBundle alone, and none fails',
  { timeout: (SECONDS + 60) * 1000 },
  async () => {
    const load = await startLoad();
    const startedAt = performance.now();
    const elapsed = (): number => performance.now() - startedAt;
    for (let turn = 0; elapsed() < SECONDS * 1000; turn++) {
      load.turn(turn);
      await delay(Math.max(0, (turn + 1) * TURN_MS - elapsed()));
    }
    const { calls, pods, failures, leaves } = await load.end();

    expect(failures).toEqual([]);
    // The rate is what the machine gives; less than a tenth of what is asked for would be no load.
    expect(calls).toBeGreaterThan((SECONDS * 300) / 10);
    expect(pods).toBeGreaterThan(SECONDS);
    const authorities = new Set(trust.history.flatMap(splitBundle));
    expect(authorities.size).toBeGreaterThanOrEqual(Math.floor(SECONDS / 12) + 1);
    for (const served of leaves) expect(served.size).toBeGreaterThanOrEqual(Math.floor(SECONDS / 8));
    for (const replica of replicas) {
      expect(await replica.metric('pullkeeper_certificate_expiry_timestamp_seconds')).toBeGreaterThan(
        Date.now() / 1000,
      );
    }
    const switched = 'pullkeeper_certificate_rotation_steps_total{code="switched"}';
    expect(await product().replica.metric(switched)).toBeGreaterThanOrEqual(1);
  },
);

interface Load {
  /** Sends what one turn sends. */
  turn(number: number): void;
  /** Waits for every answer. */
  end(): Promise<{
    calls: number;
    pods: number;
    /** What failed, how often, and when in the run (ms). */
    failures: readonly Failure[];
    /** Per replica, the fingerprints of the certificates that new connections were shown. */
    leaves: readonly ReadonlySet<string>[];
  }>;
}

interface Failure {
  readonly what: string;
  readonly first: number;
  readonly last: number;
  readonly times: number;
}

async function startLoad(): Promise<Load> {
  const startedAt = performance.now();
  const failures = new Map<string, Failure>();
  const running = new Set<Promise<void>>();
  const leaves = replicas.map(() => new Set<string>());
  let calls = 0;
  let pods = 0;
  // The mutating configuration's bundle and the validating one's in turn.
  const bundle = (turn: number): string => trust.bundles()[turn % 2] ?? '';
  const open = await Promise.all(
    Array.from({ length: 10 }, (_, i) => connectStrictly(replicaOf(i).webhookOrigin, bundle(i))),
  );
  const idle = [...open];

  function replicaOf(turn: number): Replica {
    const replica = replicas[turn % replicas.length];
    if (replica === undefined) throw new Error('there is no replica');
    return replica;
  }

  function fail(what: string): void {
    const at = Math.round(performance.now() - startedAt);
    const { first = at, times = 0 } = failures.get(what) ?? {};
    failures.set(what, { what, first, last: at, times: times + 1 });
  }

  function run(what: string, call: () => Promise<void>): void {
    const done = call()
      .catch((error: unknown) => fail(`${what}: ${String(error)}`))
      .finally(() => running.delete(done));
    running.add(done);
  }

  async function ask(socket: TLSSocket): Promise<void> {
    const { allowed, patch } = await review(socket, 'tom', IMAGE);
    if (!allowed || patch === undefined) throw new Error('the Pod got no reference');
    calls++;
  }

  return {
    turn: (turn) => {
      if (running.size >= MOST_UNDER_WAY) return;
      run('new connection', async () => {
        // Both replicas with both bundles.
        const index = (turn >> 1) % replicas.length;
        const socket = await connectStrictly(replicaOf(index).webhookOrigin, bundle(turn));
        leaves[index]?.add(socket.getPeerCertificate().fingerprint256);
        await ask(socket);
        socket.destroy();
      });
      for (let i = 0; i < OPEN_PER_TURN; i++) {
        const socket = idle.shift();
        // One review at a time on each; where all are busy, the machine is at its end, and `calls` tells.
        if (socket === undefined) continue;
        run('open connection', async () => {
          await ask(socket);
          idle.push(socket);
        });
      }
      // The API server itself, which fails open: a call that it could not make is a Pod without its reference.
      if (turn % 20 === 0) {
        run('API server', async () => {
          if (!(await createPod(turn)).includes('pullkeeper'))
            throw new Error('a Pod was admitted without its reference');
          pods++;
        });
      }
    },
    end: async () => {
      await Promise.all(running);
      for (const socket of open) socket.destroy();
      return { calls, pods, failures: [...failures.values()], leaves };
    },
  };
}

async function createPod(turn: number): Promise<readonly string[]> {
  const secrets = await createDryRunPod(client(), `p-${turn}`, IMAGE);
  return ((secrets ?? []) as { name: string }[]).map(({ name }) => name);
}

function splitBundle(pem: string): readonly string[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
    (block) => new X509Certificate(block).fingerprint256,
  );
}

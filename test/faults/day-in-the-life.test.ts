import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isKubeError } from '../../src/kube/kube-error.ts';
import { NAMESPACE, type Replica } from '../../tools/installation/installation.ts';
import { annotationsOf, createDayModel, type ModelScope } from './day-model.ts';
import { readUnforeseen } from './health.ts';
import { seedChoices } from './seeded-random.ts';
import { FAULT_SECONDS, RIGHT_WITHIN_MS } from './settings.ts';
import { startWorld, type World } from './world.ts';

const SEED = Number(process.env['PULLKEEPER_DAY_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
/** Operations, a check after each part of them. */
const PARTS = Math.max(2, Math.round(FAULT_SECONDS / 2));
const OPERATIONS = 30;

/** A part takes 5 s to 15 s, by how many replicas it kills and how busy the machine is. */
const LONGEST = { timeout: Math.max(300_000, PARTS * 30_000) };

const GRACE_MS = 1000;
const LEASE_MS = 4000;
const FLAGS = [
  `--removal-grace=${GRACE_MS}ms`,
  `--lease-duration=${LEASE_MS / 1000}s`,
  '--lease-renew-deadline=3s',
  '--lease-retry-period=1s',
];

const names = Array.from({ length: 12 }, (_, i) => `${i % 2 === 0 ? 'dev' : 'prod'}-${i}`);
const registries = ['a.example.com', 'b.example.com', 'c.example.com/team'];
const sourceNames = ['one', 'two', 'three', 'four'];

let world: World;
let replicas: Replica[];

beforeAll(async () => {
  world = await startWorld({ isDirect: true, install: { flags: FLAGS } });
  replicas = [world.product.replica, await world.product.startReplica()];
});
afterAll(() => world.stop());

it(`holds what a simple model says after random operations (PULLKEEPER_DAY_SEED=${SEED})`, LONGEST, async () => {
  const { api, cluster, truth } = world;
  const choices = seedChoices(SEED);
  const model = createDayModel();
  const journal: string[] = [];

  /** Until it succeeds: the API server may be away, or not ready to write yet. Not there, or there already, is as good. */
  async function insist(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<void> {
    const contentType = method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {};
    for (;;) {
      try {
        await api.call({ method, path, ...(body === undefined ? {} : { body }), ...contentType });
        return;
      } catch (error) {
        if (isKubeError(error, 404) || isKubeError(error, 409)) return;
        await sleep(100);
      }
    }
  }

  const namespacePath = (name: string) => `/api/v1/namespaces/${name}`;
  const secretPath = (name: string) => `/api/v1/namespaces/${name}/secrets/pullkeeper`;
  const sourcePath = (name: string) => `/api/v1/namespaces/${NAMESPACE}/secrets/${name}`;

  async function label(name: string, labels: Readonly<Record<string, string | null>>): Promise<void> {
    await insist('PATCH', namespacePath(name), { metadata: { labels } });
  }

  function drawScope(): ModelScope {
    return choices.one<ModelScope>([
      { kind: 'all' },
      { kind: 'glob', prefix: choices.one(['dev-', 'prod-', 'dev-1']) },
      { kind: 'names', names: [choices.one(names), choices.one(names)] },
      { kind: 'tier', tier: choices.one(['gold', 'silver']) },
    ]);
  }

  async function writeSource(name: string): Promise<void> {
    const source = model.sources.get(name);
    if (source === undefined) return insist('DELETE', sourcePath(name));
    const config = JSON.stringify({ auths: { [source.registry]: { username: 'puller', password: source.password } } });
    const annotations = {
      'pullkeeper.dev/namespaces': null,
      'pullkeeper.dev/namespace-selector': null,
      ...annotationsOf(source.scope),
    };
    const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
    const present = Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== null));
    await insist('POST', `/api/v1/namespaces/${NAMESPACE}/secrets`, {
      metadata: { name, annotations: present },
      type: 'kubernetes.io/dockerconfigjson',
      data,
    });
    await insist('PATCH', sourcePath(name), { metadata: { annotations }, data });
  }

  let version = 0;
  const operations: Readonly<Record<string, (name: string, source: string) => Promise<void>>> = {
    enable: async (name) => {
      const namespace = model.namespaces.get(name);
      if (namespace !== undefined) namespace.enabled = true;
      await label(name, { 'pullkeeper.dev/inject': 'enabled' });
    },
    disable: async (name) => {
      const namespace = model.namespaces.get(name);
      if (namespace !== undefined) namespace.enabled = false;
      await label(name, { 'pullkeeper.dev/inject': null });
    },
    'change tier of': async (name) => {
      const namespace = model.namespaces.get(name);
      const tier = choices.one(['gold', 'silver'] as const);
      if (namespace !== undefined) namespace.tier = tier;
      await label(name, { tier });
    },
    'write a source': async (_, source) => {
      version += 1;
      model.sources.set(source, { registry: choices.one(registries), password: `v${version}`, scope: drawScope() });
      await writeSource(source);
    },
    rotate: async (_, name) => {
      const source = model.sources.get(name);
      version += 1;
      if (source !== undefined) source.password = `v${version}`;
      await writeSource(name);
    },
    rescope: async (_, name) => {
      const source = model.sources.get(name);
      const scope = drawScope();
      if (source !== undefined) source.scope = scope;
      await writeSource(name);
    },
    'delete a source': async (_, source) => {
      model.sources.delete(source);
      await writeSource(source);
    },
    'make a source anew': async (_, source) => {
      await insist('DELETE', sourcePath(source));
      await writeSource(source);
    },
    'edit the Secret of': async (name) => {
      const config = '{"auths":{"evil.example.com":{"username":"x","password":"y"}}}';
      await insist('PATCH', secretPath(name), {
        data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
      });
    },
    'edit the annotations of the Secret of': async (name) => {
      await insist('PATCH', secretPath(name), { metadata: { annotations: { 'pullkeeper.dev/sources': '{}' } } });
    },
    'delete the Secret of': (name) => insist('DELETE', secretPath(name)),
    'kill a replica': async () => {
      const replica = choices.one(replicas);
      await replica.program.stop('SIGKILL');
      // It may be asked to come back while the API server is away; it is ready when that is not.
      await replica.program.start();
    },
    'stop the API server': async () => {
      await cluster.apiServer.stop();
      await cluster.apiServer.start();
    },
    'pause a replica': async () => {
      const { pid } = choices.one(replicas).program;
      if (pid === undefined) return;
      process.kill(pid, 'SIGSTOP');
      await sleep(choices.chance(0.3) ? LEASE_MS + 1000 : 300);
      process.kill(pid, 'SIGCONT');
    },
    'wait a moment': () => sleep(choices.below(300)),
  };
  /** Of a hundred operations so many are of the kinds that take seconds. */
  const slow = new Set(['kill a replica', 'stop the API server', 'pause a replica']);
  const quick = Object.keys(operations).filter((kind) => !slow.has(kind));

  for (const name of names) {
    const tier = choices.one(['gold', 'silver'] as const);
    const enabled = choices.chance(0.7);
    model.namespaces.set(name, { enabled, tier });
    const labels = { tier, ...(enabled ? { 'pullkeeper.dev/inject': 'enabled' } : {}) };
    await insist('POST', '/api/v1/namespaces', { metadata: { name, labels } });
  }

  for (let part = 0; part < PARTS; part++) {
    for (let i = 0; i < OPERATIONS; i++) {
      const kind = choices.chance(0.06) ? choices.one([...slow]) : choices.one(quick);
      const name = choices.one(names);
      const source = choices.one(sourceNames);
      journal.push(`${kind} ${name} ${source}`);
      await operations[kind]?.(name, source);
    }
    // The longest that a right end may take from here: another replica takes over, a grace passes, and 5 s.
    const ms = LEASE_MS * 1.6 + GRACE_MS + RIGHT_WITHIN_MS;
    const took = await truth.becomesRight(model.expected(), { since: performance.now(), ms }).catch((error: Error) => {
      throw new Error(`${error.message}\nseed ${SEED}, after: ${journal.slice(-OPERATIONS).join(', ')}`);
    });
    console.info(`part ${part + 1}: right after ${Math.round(took)} ms`);
    // It stays so.
    await sleep(GRACE_MS + 500);
    await truth.becomesRight(model.expected(), { since: performance.now(), ms: 0 });
  }
  for (const replica of replicas) expect(await readUnforeseen(replica)).toEqual([]);
});

import { once } from 'node:events';
import { expect, vi } from 'vitest';
import { callApi } from '../../tools/cluster/api-client.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';

/** What an administrator does, by kubectl, and what there is then; each step fails the test when it fails. */
export interface Admin {
  /** Runs kubectl and returns what it printed, without the last line end. */
  run(...args: readonly string[]): Promise<string>;
  /** `kubectl apply -f -`; returns what it printed on both outputs, warnings included. */
  apply(manifest: string): Promise<string>;
  /** `kubectl create secret docker-registry` and its scope, by `kubectl annotate`. */
  source(name: string, options: SourceOptions): Promise<void>;
  namespace(name: string, inject?: string): Promise<void>;
  pod(namespace: string, name: string, image: string): Promise<void>;
  /** The names in a Pod's imagePullSecrets, in order. */
  pullSecrets(namespace: string, pod: string): Promise<readonly string[]>;
  /** What the managed Secret holds: registry → "user:password"; undefined when there is none. */
  credentials(namespace: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Waits until the managed Secret holds just this. */
  expectCredentials(
    namespace: string,
    expected: Readonly<Record<string, string>> | undefined,
    timeoutMs?: number,
  ): Promise<void>;
  /** Waits until the messages of a namespace's Events, of those that a field selector finds, say this. */
  expectEvents(namespace: string, selector: string, message: string | RegExp, timeoutMs?: number): Promise<void>;
}

export interface SourceOptions {
  readonly server: string;
  readonly username?: string;
  readonly password?: string;
  readonly namespaces?: string;
  readonly selector?: string;
}

interface SecretObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface PodObject {
  readonly spec: { readonly imagePullSecrets?: readonly { readonly name?: string }[] };
}

interface EventList {
  readonly items: readonly { readonly message: string }[];
}

/** For a machine that does much else; how fast it is to be is said where that is what is tested. */
const PATIENCE_MS = 20_000;

export function createAdmin(cluster: Pick<Cluster, 'kubectl' | 'admin'>): Admin {
  async function kubectl(args: readonly string[], input?: string): Promise<{ stdout: string; stderr: string }> {
    const result = await cluster.kubectl(args, input === undefined ? {} : { input });
    if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
    return result;
  }
  const run: Admin['run'] = async (...args) => (await kubectl(args)).stdout.trimEnd();

  /** Not by kubectl: what is waited for is asked again and again, and a process each time is more work than all else. */
  async function read(path: string): Promise<unknown> {
    const { status, body } = await callApi(cluster.admin, `/api/v1/namespaces/${path}`);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${path} could not be read: ${status} ${body}`);
    return JSON.parse(body);
  }

  async function credentials(namespace: string): Promise<Readonly<Record<string, string>> | undefined> {
    const secret = (await read(`${namespace}/secrets/pullkeeper`)) as SecretObject | undefined;
    if (secret === undefined) return undefined;
    const config = JSON.parse(Buffer.from(secret.data?.['.dockerconfigjson'] ?? '', 'base64').toString()) as {
      auths: Record<string, { username: string; password: string }>;
    };
    return Object.fromEntries(
      Object.entries(config.auths).map(([key, { username, password }]) => [key, `${username}:${password}`]),
    );
  }

  return {
    run,
    apply: async (manifest) => {
      const { stdout, stderr } = await kubectl(['apply', '-f', '-'], manifest);
      return `${stdout}${stderr}`;
    },
    source: async (name, { server, username = 'puller', password = 's3cret', namespaces, selector }) => {
      await run(
        ...['create', 'secret', 'docker-registry', name, '-n', NAMESPACE],
        `--docker-server=${server}`,
        `--docker-username=${username}`,
        `--docker-password=${password}`,
      );
      const scope = [
        ...(namespaces === undefined ? [] : [`pullkeeper.dev/namespaces=${namespaces}`]),
        ...(selector === undefined ? [] : [`pullkeeper.dev/namespace-selector=${selector}`]),
      ];
      if (scope.length > 0) await run('annotate', 'secret', name, '-n', NAMESPACE, ...scope);
    },
    namespace: async (name, inject) => {
      await run('create', 'namespace', name);
      if (inject !== undefined) await run('label', 'namespace', name, `pullkeeper.dev/inject=${inject}`);
    },
    pod: async (namespace, name, image) => {
      await run('run', name, '-n', namespace, `--image=${image}`);
    },
    pullSecrets: async (namespace, pod) => {
      const found = (await read(`${namespace}/pods/${pod}`)) as PodObject | undefined;
      if (found === undefined) throw new Error(`there is no Pod ${namespace}/${pod}`);
      return (found.spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);
    },
    credentials,
    expectCredentials: (namespace, expected, timeoutMs = PATIENCE_MS) =>
      vi.waitFor(async () => expect(await credentials(namespace)).toEqual(expected), {
        timeout: timeoutMs,
        interval: 50,
      }),
    expectEvents: (namespace, selector, message, timeoutMs = PATIENCE_MS) =>
      expect
        .poll(
          async () => {
            const list = await read(`${namespace}/events?fieldSelector=${encodeURIComponent(selector)}`);
            return ((list as EventList | undefined)?.items ?? []).map((event) => event.message).join(' ');
          },
          { timeout: timeoutMs },
        )
        .toMatch(message),
  };
}

/** Creates an object as it was (`json`, from `kubectl get -o json`) before it was deleted. */
export async function createAnew({ kubectl }: Pick<Cluster, 'kubectl'>, json: string): Promise<void> {
  const object = JSON.parse(json) as { metadata: { uid?: string; resourceVersion?: string } };
  delete object.metadata.uid;
  delete object.metadata.resourceVersion;
  const { code, stderr } = await kubectl(['create', '-f', '-'], { input: JSON.stringify(object) });
  if (code !== 0) throw new Error(`kubectl create: ${stderr}`);
}

/** A Pod's manifest, in the shape that kubectl apply takes. */
export function podManifest(namespace: string, metadata: string, spec: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {namespace: ${namespace}, ${metadata}}\nspec: {${spec}}\n`;
}

/** Waits for a child's end and says how it was. */
export async function exitOf(child: NodeJS.EventEmitter): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

import { expect } from 'vitest';
import { Agent, request } from 'undici';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Installation } from '../../tools/installation/installation.ts';

/** Whoever reaches the webhook's port, and writes reviews as the API server would. */
export interface Forger extends AsyncDisposable {
  /** Asks about a Pod's creation; fails the test when the answer is not a review that allows it. */
  ask(namespace: string, object?: unknown, dryRun?: boolean): Promise<ForgedAnswer>;
  /** Posts anything, and returns the answer's status. */
  post(body: string): Promise<number>;
}

export interface ForgedAnswer {
  readonly decision: string | undefined;
  readonly patch: string | undefined;
  readonly warnings: readonly string[];
}

export interface Flood extends AsyncDisposable {
  /** Reviews sent so far. */
  readonly sent: () => number;
  /** How often each decision was answered. */
  readonly end: () => Promise<ReadonlyMap<string, number>>;
}

export const FORGED_IMAGE = 'harbor.example.com/team/app:v1';
export const FORGED_POD = {
  metadata: { name: 'forged' },
  spec: { containers: [{ name: 'c', image: FORGED_IMAGE }] },
};

export function createForger({ replica, caPem }: Installation, connections: number): Forger {
  const agent = new Agent({ connect: { ca: caPem }, allowH2: false, connections });
  const send = (body: string) =>
    request(`${replica.webhookOrigin}/mutate`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body,
    });
  return {
    ask: async (namespace, object = FORGED_POD, dryRun = false) => {
      const kind = { group: '', version: 'v1', kind: 'Pod' };
      const asked = { uid: 'forged', kind, operation: 'CREATE', namespace, object, dryRun };
      const { statusCode, body } = await send(
        JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: asked }),
      );
      expect(statusCode).toBe(200);
      const { response } = (await body.json()) as {
        response: {
          allowed: boolean;
          patch?: string;
          warnings?: readonly string[];
          auditAnnotations?: { decision: string };
        };
      };
      expect(response.allowed).toBe(true);
      return {
        decision: response.auditAnnotations?.decision,
        patch: response.patch,
        warnings: response.warnings ?? [],
      };
    },
    post: async (text) => {
      const { statusCode, body } = await send(text);
      await body.dump();
      return statusCode;
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/** Asks over so many connections at once, about ever another namespace, until it is ended. */
export function floodWithNames(product: Installation, connections: number): Flood {
  const forger = createForger(product, connections);
  const decisions = new Map<string, number>();
  const ending = new AbortController();
  let sent = 0;
  async function work(): Promise<void> {
    while (!ending.signal.aborted) {
      const { decision = '' } = await forger.ask(`random-${sent++}`);
      decisions.set(decision, (decisions.get(decision) ?? 0) + 1);
    }
  }
  const workers = Promise.all(Array.from({ length: connections }, work));
  async function end(): Promise<ReadonlyMap<string, number>> {
    ending.abort();
    await workers;
    await forger[Symbol.asyncDispose]();
    return decisions;
  }
  return { sent: () => sent, end, [Symbol.asyncDispose]: async () => void (await end()) };
}

/** An enabled namespace, and a Pod in it at once, of which a replica may not have heard yet. Returns its pull Secrets' names. */
export async function createNamespaceAndPod(client: KubeClient, name: string): Promise<readonly string[]> {
  const metadata = { name, labels: { 'pullkeeper.dev/inject': 'enabled' } };
  await client.call({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata },
  });
  const pod = (await client.call({
    method: 'POST',
    path: `/api/v1/namespaces/${name}/pods`,
    timeoutMs: 60_000,
    body: { apiVersion: 'v1', kind: 'Pod', ...FORGED_POD },
  })) as { spec: { imagePullSecrets?: readonly { name: string }[] } };
  return (pod.spec.imagePullSecrets ?? []).map((entry) => entry.name);
}

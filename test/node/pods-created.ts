import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { createPods, type PodStreamResult } from '../cluster/pod-stream.ts';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

/** Enough that a gap of a tenth of a second would be seen, and little enough for a machine that does much else. */
const PER_SECOND = 40;

export interface Admissions extends PodStreamResult {
  /** Why the API server let Pods pass without an answer of Pullkeeper's. */
  readonly failedOpen: readonly string[];
}

/**
 * Does something to Pullkeeper while Pods with a private image are created all the time, in a namespace of their own, and
 * says how it was. Nobody runs them: what counts is their admission.
 */
export async function whilePodsAreCreated(
  { admin, client, node }: World,
  namespace: string,
  act: () => Promise<void>,
): Promise<Admissions> {
  await admin.source(namespace, { server: node.registry.name, namespaces: namespace });
  await admin.namespace(namespace, 'enabled');
  await admin.expectCredentials(namespace, { [node.registry.name]: `${ACCOUNTS.registry}:${PASSWORD}` });
  const before = (await failingOpen(node.cluster.apiServer.logFile)).length;
  const pods = createPods({
    client,
    namespace,
    image: `${node.registry.name}/team/app:v1`,
    prefix: 'pod',
    schedulerName: 'nobody',
    perSecond: PER_SECOND,
    atOnce: 8,
  });
  const result = await act().then(pods.end, async (error: unknown) => {
    await pods.end();
    throw error;
  });
  await admin.run('delete', 'namespace', namespace, '--wait=false');
  expect(result.created).toBeGreaterThan(50);
  return { ...result, failedOpen: (await failingOpen(node.cluster.apiServer.logFile)).slice(before) };
}

/** Every Pod was created, with its reference. */
export const ALL_REFERENCED = { failed: [], withoutReference: [], failedOpen: [] };

/** Why the API server let Pods pass without an answer, as its log says. */
async function failingOpen(logFile: string): Promise<readonly string[]> {
  const log = await readFile(logFile, 'utf8');
  return [...log.matchAll(/^W.*failing open pods\.pullkeeper\.dev: (.*)$/gm)].map(([, reason]) => reason ?? '');
}

import { readFile } from 'node:fs/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { NAMESPACE, type Installation } from '../installation/installation.ts';

/** Pullkeeper as the steps look at it, however it runs. */
export interface Product {
  /** As which user it calls the API server. */
  readonly account: () => Promise<string>;
  /** `/metrics`, of all replicas one after the other. */
  readonly metrics: () => Promise<string>;
  readonly log: () => Promise<string>;
  /** A command line that counts the lines of the log that hold one of these words, and ends with 1 when there is none. */
  readonly countInLog: (words: readonly string[]) => string;
}

/** One `serve`, a process of this machine. */
export function productAsProcess(cluster: Cluster, { replica, kubeconfig }: Installation): Product {
  const { logFile } = replica.program;
  return {
    account: async () => {
      const whoami = ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'];
      return (await cluster.kubectl(whoami, { kubeconfig })).stdout;
    },
    metrics: async () => (await fetch(`${replica.opsOrigin}/metrics`)).text(),
    log: () => readFile(logFile, 'utf8'),
    countInLog: (words) => `${grep(words)} ${logFile}`,
  };
}

/** Pods on a node. */
export function productInPods(cluster: Cluster): Product {
  const selected = ['-n', NAMESPACE, '-l', 'app.kubernetes.io/name=pullkeeper'];
  const logs = ['logs', ...selected, '--tail=-1'];
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(args);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  return {
    account: async () => {
      const account = await kubectl('get', 'pods', ...selected, '-o', 'jsonpath={.items[0].spec.serviceAccountName}');
      return `system:serviceaccount:${NAMESPACE}:${account}`;
    },
    metrics: async () => {
      const pods = (await kubectl('get', 'pods', ...selected, '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
      const path = (pod: string): string => `/api/v1/namespaces/${NAMESPACE}/pods/${pod}:8080/proxy/metrics`;
      return (await Promise.all(pods.map((pod) => kubectl('get', '--raw', path(pod))))).join('');
    },
    log: () => kubectl(...logs),
    countInLog: (words) => `kubectl ${logs.join(' ')} | ${grep(words)}`,
  };
}

function grep(words: readonly string[]): string {
  return ['grep -c', ...words.map((word) => `-e ${word}`)].join(' ');
}

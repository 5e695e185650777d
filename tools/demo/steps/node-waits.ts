/** The command that waits until the kubelet could not pull a Pod's image. */
export function waitForRefusal(namespace: string, pod: string): string {
  const reason = '{.status.containerStatuses[0].state.waiting.reason}';
  return `kubectl wait pod/${pod} -n ${namespace} --for=jsonpath='${reason}'=ErrImagePull --timeout=60s`;
}

/** The command that waits until all of a Pod's containers run. */
export function waitForReady(namespace: string, pod: string): string {
  return `kubectl wait pod/${pod} -n ${namespace} --for=condition=Ready --timeout=60s`;
}

/** The rows of a kubectl table. */
export function rowsOf(table: string): readonly string[] {
  return table.split('\n').slice(1);
}

/** Whether a row of `kubectl get pods` is of a Pod whose containers all run, and were never restarted. */
export function runs(row: string): boolean {
  const [, ready = '', status, restarts] = row.split(/\s+/);
  const [running, all] = ready.split('/');
  return running === all && status === 'Running' && restarts === '0';
}

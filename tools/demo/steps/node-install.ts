import type { Step } from '../step.ts';
import { IMAGE, REGISTRY } from './names.ts';
import { rowsOf, runs, waitForRefusal } from './node-waits.ts';

export const withoutPullkeeper: Step = {
  title: 'Without Pullkeeper, a private image does not run',
  about: `The registry ${REGISTRY} wants a password, and nothing tells the kubelet one.`,
  run: async ({ run, check }) => {
    await run('kubectl create namespace today');
    await run(`kubectl run web -n today --image=${IMAGE}`);
    await run(waitForRefusal('today', 'web'));
    const message = await run(
      `kubectl get pod web -n today -o jsonpath='{.status.containerStatuses[0].state.waiting.message}'`,
    );
    check('the registry refused the kubelet', /401 Unauthorized|authorization failed/.test(message), message);
    await run('kubectl delete namespace today --wait=false');
  },
};

export const install: Step = {
  title: 'Pullkeeper is installed, on the node',
  about: 'From its chart and its own image, which was built on this machine.',
  run: async ({ run, check }) => {
    await run('helm install pullkeeper manifests/chart -n pullkeeper-system --create-namespace --wait --timeout=90s');
    const pods = await run('kubectl get pods -n pullkeeper-system');
    check('its Pods run', rowsOf(pods).every(runs), pods);
  },
};

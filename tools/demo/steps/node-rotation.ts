import type { Registry } from '../../cluster/node/registry.ts';
import type { Step } from '../step.ts';
import { NEW_PASSWORD, REGISTRY } from './names.ts';
import { ACCOUNTS } from './node-names.ts';
import { rowsOf, runs, waitForReady, waitForRefusal } from './node-waits.ts';

/** Changes the password at the registry itself, whose administrator uses no command that could be shown. */
export function refusedPassword(harbor: Registry): Step {
  return {
    title: 'The registry changes a password',
    about: `${REGISTRY} takes the new one alone from now on, and the source still has the old one.`,
    run: async ({ run, check }) => {
      await harbor.setAccounts({ [ACCOUNTS.harbor]: NEW_PASSWORD });
      await run(`kubectl run next -n shop --image=${REGISTRY}/shop/next:1.0`);
      await run(waitForRefusal('shop', 'next'));
      const pods = await run('kubectl get pods -n shop');
      const rows = rowsOf(pods);
      const [next = ''] = rows.filter((row) => row.startsWith('next '));
      check(
        'an image that the node has not yet is not pulled',
        / 0\/1 .*(ErrImagePull|ImagePullBackOff)/.test(next),
        pods,
      );
      check('what ran goes on', rows.filter((row) => row !== next).every(runs), pods);
    },
  };
}

export const pulledAgain: Step = {
  title: 'The Pod that waited is pulled',
  about: 'The kubelet tries again by itself, with what the managed Secret holds by then. Nothing is restarted.',
  run: async ({ run, check }) => {
    await run(waitForReady('shop', 'next'));
    const pods = await run('kubectl get pods -n shop');
    check('all run, and none was restarted', rowsOf(pods).every(runs), pods);
  },
};

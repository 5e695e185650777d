import type { Step } from '../step.ts';
import { IMAGE, NEW_PASSWORD, REFERENCE, REGISTRY, showReference } from './names.ts';
import { ACCOUNTS, SECOND_REGISTRY } from './node-names.ts';
import { rowsOf, runs, waitForReady } from './node-waits.ts';
import { ABOUT_PODS_FROM_BEFORE, restartAfterLabel } from './pods.ts';

export const privateImageRuns: Step = {
  title: 'The node pulls it, and it runs',
  about: 'The kubelet finds the credential in the managed Secret, and the registry gives it a token for it.',
  run: async ({ run, check }) => {
    await run(waitForReady('shop', 'web'));
    const pods = await run('kubectl get pod web -n shop');
    check(`${IMAGE} was pulled and runs`, rowsOf(pods).every(runs), pods);
  },
};

export const deploymentRuns: Step = {
  title: 'They are pulled and run, too',
  about: 'Both of them.',
  run: async ({ run, check }) => {
    await run('kubectl rollout status deployment/api -n shop --timeout=60s');
    const pods = await run('kubectl get pods -n shop -l app=api');
    check('both run', rowsOf(pods).length === 2 && rowsOf(pods).every(runs), pods);
  },
};

export const twoRegistries: Step = {
  title: 'Two private registries in one Pod',
  about: `${SECOND_REGISTRY} asks for a password, ${REGISTRY} for a token. One managed Secret, and one reference, does.`,
  run: async ({ run, check, checkCredentials }) => {
    await run(`kubectl create secret docker-registry second -n pullkeeper-system \\
    --docker-server=${SECOND_REGISTRY} --docker-username=${ACCOUNTS.registry} --docker-password=${NEW_PASSWORD}`);
    await run('kubectl annotate secret second -n pullkeeper-system pullkeeper.dev/namespaces=shop');
    await checkCredentials('the managed Secret in shop holds both', 'shop', 'pullkeeper', {
      [REGISTRY]: `${ACCOUNTS.harbor}:${NEW_PASSWORD}`,
      [SECOND_REGISTRY]: `${ACCOUNTS.registry}:${NEW_PASSWORD}`,
    });
    await run(`kubectl apply -f - <<'EOF'
apiVersion: v1
kind: Pod
metadata:
  name: both
  namespace: shop
spec:
  containers:
    - name: web
      image: ${IMAGE}
    - name: metrics
      image: ${SECOND_REGISTRY}/shop/metrics:1.0
EOF`);
    const reference = await run(showReference('shop', 'both'));
    check('it has one reference', reference === REFERENCE, reference);
    await run(waitForReady('shop', 'both'));
    const pods = await run('kubectl get pod both -n shop');
    check('both of its containers run', rowsOf(pods).every(runs), pods);
  },
};

export const restarted: Step = {
  ...ABOUT_PODS_FROM_BEFORE,
  run: async (session) => {
    const { run, check } = session;
    await restartAfterLabel(session);
    await run('kubectl rollout status deployment/api -n shop-test --timeout=60s');
    const pods = await run('kubectl get pods -n shop-test -l app=api');
    check('the new one runs', rowsOf(pods).some(runs), pods);
  },
};

export const allRun: Step = {
  title: 'Everything in the namespace runs',
  about: 'What was made in the namespace shop: no manifest of it names a Secret.',
  run: async ({ run, check }) => {
    const pods = await run('kubectl get pods -n shop -o wide');
    check('every Pod runs', rowsOf(pods).length === 6 && rowsOf(pods).every(runs), pods);
  },
};

import type { Session } from '../session.ts';
import type { Step } from '../step.ts';
import { IMAGE, REFERENCE, REGISTRY, showReference } from './names.ts';

const COLUMNS = `-o custom-columns='POD:.metadata.name,PULL SECRETS:.spec.imagePullSecrets[*].name'`;
const COLUMNS_WITH_RESTART = String.raw`-o custom-columns='POD:.metadata.name,RESTARTED:.metadata.annotations.kubectl\.kubernetes\.io/restartedAt,PULL SECRETS:.spec.imagePullSecrets[*].name'`;

export const privateImage: Step = {
  title: 'A Pod with a private image gets the reference',
  about: 'Nothing in it names a Secret.',
  run: async ({ run, check }) => {
    await run(`kubectl run web -n shop --image=${IMAGE}`);
    const reference = await run(showReference('shop', 'web'));
    check('the API server stored it with the reference', reference === REFERENCE, reference);
  },
};

export const deployment: Step = {
  title: 'So do the Pods of a Deployment',
  about: 'It does not matter who creates a Pod.',
  run: async ({ run, check }) => {
    await run(`kubectl create deployment api -n shop --image=${REGISTRY}/shop/api:1.0 --replicas=2`);
    await run(`kubectl wait deployment/api -n shop --for=jsonpath='{.status.replicas}'=2 --timeout=10s`);
    const pods = await run(`kubectl get pods -n shop -l app=api ${COLUMNS}`);
    check('both have the reference', rows(pods).join() === 'pullkeeper,pullkeeper', pods);
  },
};

export const publicImage: Step = {
  title: 'A Pod with a public image is left alone',
  about: 'No source has a credential for Docker Hub.',
  run: async ({ run, check, countReviews }) => {
    const before = await countReviews('no-credential');
    await run('kubectl run cache -n shop --image=redis:8');
    const reference = await run(showReference('shop', 'cache'));
    check('the Pod is untouched', reference === '', reference);
    const answers = (await countReviews('no-credential')) - before;
    check('Pullkeeper was asked and found no credential', answers === 1, `${answers} such answers`);
  },
};

export const unlabelledNamespace: Step = {
  title: 'A namespace without the label is left alone',
  about: "The source's scope admits shop-test, by shop-*, but nobody has enabled it.",
  run: async ({ run, check, countReviews }) => {
    const before = await countReviews();
    await run('kubectl create namespace shop-test');
    await run(`kubectl run web -n shop-test --image=${IMAGE}`);
    const reference = await run(showReference('shop-test', 'web'));
    check('the Pod is untouched', reference === '', reference);
    const secret = await run('kubectl get secret pullkeeper -n shop-test --ignore-not-found');
    check('there is no managed Secret', secret === '', secret);
    const answers = (await countReviews()) - before;
    check('Pullkeeper was not even asked', answers === 0, `it was, ${answers} times`);
  },
};

/** What is to be seen of Pods from before, with a node or without one. */
export const ABOUT_PODS_FROM_BEFORE: Pick<Step, 'title' | 'about'> = {
  title: 'Pods from before need a restart',
  about:
    "A Pod's pull Secrets are fixed when it is created. shop-test gets a Deployment first and its label after that.",
};

export const createdBefore: Step = {
  ...ABOUT_PODS_FROM_BEFORE,
  run: async (session) => {
    const { run, check } = session;
    await restartAfterLabel(session);
    await run(`kubectl wait deployment/api -n shop-test --for=jsonpath='{.status.replicas}'=2 --timeout=10s`);
    const after = await listPods(session);
    const isNew = (row: string): boolean => /\d{2}:\d{2}Z/.test(row);
    const lines = after.split('\n').slice(1);
    const references = [lines.filter(isNew), lines.filter((line) => !isNew(line))].map((pods) =>
      pods.map(lastColumn).join(),
    );
    check('the new one has it', references[0] === 'pullkeeper', after);
    check(
      'the old one, which a node would end as soon as the new one is ready, has none',
      references[1] === '<none>',
      after,
    );
  },
};

/** A Deployment in shop-test, after that the namespace's label, and then a restart. */
export async function restartAfterLabel(session: Session): Promise<void> {
  const { run, check } = session;
  await run(`kubectl create deployment api -n shop-test --image=${REGISTRY}/shop/api:1.0`);
  await run(`kubectl wait deployment/api -n shop-test --for=jsonpath='{.status.replicas}'=1 --timeout=10s`);
  await run('kubectl label namespace shop-test pullkeeper.dev/inject=enabled');
  await run('kubectl wait secret/pullkeeper -n shop-test --for=create --timeout=10s');
  const before = await listPods(session);
  check('the Pod from before has no reference', rows(before).join() === '<none>', before);
  await run('kubectl rollout restart deployment/api -n shop-test');
}

function listPods({ run }: Session): Promise<string> {
  return run(`kubectl get pods -n shop-test -l app=api ${COLUMNS_WITH_RESTART}`);
}

/** The last column of each row of a kubectl table. */
function rows(table: string): readonly string[] {
  return table.split('\n').slice(1).map(lastColumn);
}

function lastColumn(row: string): string {
  return row.trimEnd().split(/\s+/).at(-1) ?? '';
}

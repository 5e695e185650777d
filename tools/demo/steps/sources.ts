import { findLastWrite } from '../audit-log.ts';
import { formatMilliseconds } from '../milliseconds.ts';
import type { Step } from '../step.ts';
import { IMAGE, NEW_PASSWORD, OLD_PASSWORD, REGISTRY, showReference, USER } from './names.ts';

export const firstSource: Step = {
  title: 'A source: one credential, and where it may go',
  about: 'An ordinary pull Secret, once, in the namespace pullkeeper-system. Its annotation names the namespaces.',
  run: async ({ run, check }) => {
    const created = await run(`kubectl create secret docker-registry harbor -n pullkeeper-system \\
    --docker-server=${REGISTRY} --docker-username=${USER} --docker-password=${OLD_PASSWORD}`);
    check('as long as it names none, a warning says so', created.includes('it reaches no namespace yet'), created);
    const annotated = await run(
      `kubectl annotate secret harbor -n pullkeeper-system pullkeeper.dev/namespaces='shop,shop-*'`,
    );
    check('now it is a source, and nothing is left to warn of', annotated === 'secret/harbor annotated', annotated);
  },
};

export const badSource: Step = {
  title: 'A source that cannot work is refused',
  about: 'Three mistakes. kubectl apply tells all of them at once, and what to write instead.',
  run: async ({ type, run, check }) => {
    const { output, code } = await type(`kubectl apply -f - <<'EOF'
apiVersion: v1
kind: Secret
metadata:
  name: ghcr
  namespace: pullkeeper-system
  annotations:
    pullkeeper.dev/namespaces: Shop
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: |
    {"auths": {"ghcr.io/Acme": {"auth": "${USER}:${OLD_PASSWORD}"}}}
EOF`);
    check('it is refused', code === 1 && output.includes('denied the request'), output);
    const mistakes = ['"Shop" is no namespace', 'no upper-case letter', '"auth" is not base64'];
    const untold = mistakes.filter((mistake) => !output.includes(mistake));
    check('each mistake is named', untold.length === 0, `not told: ${untold.join(', ')}`);
    check('the password is not', !output.includes(OLD_PASSWORD), 'it is in the message');
    const left = await run('kubectl get secret ghcr -n pullkeeper-system --ignore-not-found');
    check('it was not stored', left === '', left);
  },
};

export const enabledNamespace: Step = {
  title: 'A label enables a namespace',
  about: 'Its pull Secret appears by itself, Pods or not, and says which source each registry came from.',
  run: async ({ run, check, checkCredentials }) => {
    await run('kubectl create namespace shop');
    await run('kubectl label namespace shop pullkeeper.dev/inject=enabled');
    await run('kubectl wait secret/pullkeeper -n shop --for=create --timeout=10s');
    await checkCredentials('the Secret holds the credential of the source, and nothing else', 'shop', 'pullkeeper', {
      [REGISTRY]: `${USER}:${OLD_PASSWORD}`,
    });
    const origins = await run(
      String.raw`kubectl get secret pullkeeper -n shop -o jsonpath='{.metadata.annotations.pullkeeper\.dev/sources}'`,
    );
    check('it says where it is from', origins === `{"harbor":["${REGISTRY}"]}`, origins);
  },
};

export const scope: Step = {
  title: 'A scope keeps a credential out of a namespace',
  about: `The namespace blog is enabled too, but the source's scope is shop,shop-*.`,
  run: async ({ run, check, checkCredentials }) => {
    await run('kubectl create namespace blog');
    await run('kubectl label namespace blog pullkeeper.dev/inject=enabled');
    await run('kubectl wait secret/pullkeeper -n blog --for=create --timeout=10s');
    await checkCredentials("the namespace's Secret is there and holds no credential", 'blog', 'pullkeeper', {});
    const content = await run(
      String.raw`kubectl get secret pullkeeper -n blog -o jsonpath='{.data.\.dockerconfigjson}' | base64 -d`,
    );
    check('it says so itself', content === '{"auths":{}}', 'it holds something');
    await run(`kubectl run web -n blog --image=${IMAGE}`);
    const reference = await run(showReference('blog', 'web'));
    check('a Pod with an image of that registry gets no reference', reference === '', reference);
  },
};

export const rotation: Step = {
  title: 'A rotated password arrives by itself',
  about: 'The source gets a new one, and the managed Secret follows. How fast, the API server says itself.',
  run: async ({ cluster, run, check, checkCredentials }) => {
    const uid = await run(`kubectl get secret pullkeeper -n shop -o jsonpath='{.metadata.uid}'`);
    await run(`kubectl create secret docker-registry harbor -n pullkeeper-system \\
    --docker-server=${REGISTRY} --docker-username=${USER} --docker-password=${NEW_PASSWORD} \\
    --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -`);
    await checkCredentials('the managed Secret in shop has the new password', 'shop', 'pullkeeper', {
      [REGISTRY]: `${USER}:${NEW_PASSWORD}`,
    });
    const uidAfter = await run(`kubectl get secret pullkeeper -n shop -o jsonpath='{.metadata.uid}'`);
    check('it is the same Secret', uidAfter === uid, `uid ${uidAfter}`);
    const source = await findLastWrite(cluster.apiServer.logFile, 'pullkeeper-system', 'harbor');
    const managed = await findLastWrite(cluster.apiServer.logFile, 'shop', 'pullkeeper');
    const ms = (managed?.completedAt ?? NaN) - (source?.receivedAt ?? NaN);
    const claim = `${formatMilliseconds(ms)} after the API server was sent it, it was stored in shop too, says its audit log`;
    check(claim, ms > 0, 'the audit log does not tell');
    return `followed in ${formatMilliseconds(ms)}`;
  },
};

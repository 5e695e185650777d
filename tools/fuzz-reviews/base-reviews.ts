/** What the API server sends, in the shapes in which Pods and Secrets come. */
export interface BaseReview {
  readonly path: '/mutate' | '/validate';
  readonly review: Readonly<Record<string, unknown>>;
}

export const BASE_REVIEWS: readonly BaseReview[] = [
  pod({ spec: { containers: [{ name: 'app', image: 'harbor.example.com/team/app:v1' }] } }),
  pod({
    metadata: {
      generateName: 'web-7d4b9c-',
      labels: { app: 'web', 'pod-template-hash': '7d4b9c' },
      annotations: { 'prometheus.io/scrape': 'true', 'pullkeeper.dev/inject': 'always' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web-7d4b9c',
          uid: 'b2a4',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      serviceAccountName: 'web',
      imagePullSecrets: [{ name: 'mine' }, {}],
      initContainers: [{ name: 'init', image: 'busybox', command: ['sh', '-c', 'true'] }],
      containers: [
        {
          name: 'app',
          image:
            'harbor.example.com:8443/team/app@sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
          env: [
            { name: 'A', value: '1' },
            { name: 'B', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          ],
          ports: [{ containerPort: 8080, protocol: 'TCP' }],
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: 0.5 } },
          volumeMounts: [{ name: 'token', mountPath: '/var/run', readOnly: true }],
        },
        { name: 'proxy', image: 'ghcr.io/acme/proxy:latest' },
      ],
      volumes: [
        {
          name: 'token',
          projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }] },
        },
        { name: 'model', image: { reference: 'quay.io/models/one:v2', pullPolicy: 'IfNotPresent' } },
      ],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
  }),
  pod({
    metadata: {
      name: 'debug',
      annotations: { 'pullkeeper.dev/inject': 'disabled', 'kubernetes.io/config.mirror': 'x' },
    },
    spec: {
      containers: [{ name: 'c', image: 'nginx' }],
      ephemeralContainers: [{ name: 'd', image: 'registry-1.example.org/tools:1' }],
      imagePullSecrets: [{ name: 'pullkeeper' }],
    },
  }),
  pod({
    spec: {
      containers: [
        { name: 'c', image: 'docker.io/library/nginx:1.27' },
        { name: 'd', image: 'acme/private' },
      ],
    },
  }),
  secret({
    '.dockerconfigjson': dockerConfig({
      'harbor.example.com': { auth: btoa('u:p') },
      'ghcr.io/acme/': { username: 'u', password: 'p' },
    }),
  }),
  secret(
    { '.dockercfg': btoa(JSON.stringify({ 'https://index.docker.io/v1/': { auth: btoa('u:p') } })) },
    'kubernetes.io/dockercfg',
  ),
];

function pod(object: Readonly<Record<string, unknown>>): BaseReview {
  return {
    path: '/mutate',
    review: review('Pod', 'pods', 'tom', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, ...object }),
  };
}

function secret(data: Readonly<Record<string, string>>, type = 'kubernetes.io/dockerconfigjson'): BaseReview {
  const metadata = {
    name: 'harbor',
    namespace: 'pullkeeper-system',
    annotations: {
      'pullkeeper.dev/namespaces': 'team-*,tom',
      'pullkeeper.dev/namespace-selector': 'tier in (gold,silver),!legacy',
    },
  };
  return {
    path: '/validate',
    review: review('Secret', 'secrets', 'pullkeeper-system', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type,
      data,
    }),
  };
}

function dockerConfig(auths: Readonly<Record<string, unknown>>): string {
  return btoa(JSON.stringify({ auths }));
}

function review(kind: string, resource: string, namespace: string, object: unknown): Readonly<Record<string, unknown>> {
  const gvk = { group: '', version: 'v1', kind };
  const gvr = { group: '', version: 'v1', resource };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: gvk,
      resource: gvr,
      requestKind: gvk,
      requestResource: gvr,
      name: '',
      namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'admin',
        uid: '014fbff9a07c',
        groups: ['system:authenticated'],
        extra: { some: ['value'] },
      },
      object,
      oldObject: null,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    },
  };
}

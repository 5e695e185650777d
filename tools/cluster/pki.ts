import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Keys, certificates and tokens of one cluster: files below its data folder. */
export interface Pki {
  /** PEM of the CA that signed the API server's certificate. */
  readonly caPem: string;
  readonly caFile: string;
  readonly serverCertFile: string;
  readonly serverKeyFile: string;
  /** Key pair that signs and verifies ServiceAccount tokens. */
  readonly serviceAccountPrivateKeyFile: string;
  readonly serviceAccountPublicKeyFile: string;
  /** kube-apiserver's static token file. */
  readonly tokenFile: string;
  readonly adminToken: string;
  readonly controllerManagerToken: string;
  readonly componentTokens: Readonly<Record<NodeComponent, string>>;
}

/** Under which a kubelet registers: the Node authorizer knows it by its user name. */
export type NodeName = 'node-1' | 'node-2';

/** What nodes add to a control plane. Each has an identity of its own, with the rights that Kubernetes gives it. */
export type NodeComponent = 'kube-scheduler' | 'kube-proxy' | NodeName;

/** The first address of the Service range: that of the Service `kubernetes`, through which Pods reach the API server. */
const KUBERNETES_SERVICE_ADDRESS = '10.0.0.1';

const SERVER_NAMES = [
  'localhost',
  ...['', '.default', '.default.svc', '.default.svc.cluster.local'].map((s) => `kubernetes${s}`),
];
const SERVER_ADDRESSES = ['127.0.0.1', KUBERNETES_SERVICE_ADDRESS];

/** Makes a new identity for a cluster. `addresses` are further IP addresses under which its API server is called. */
export async function createPki(folder: string, addresses: readonly string[] = []): Promise<Pki> {
  await mkdir(folder);
  async function write(name: string, content: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  }
  const ca = await createCa();
  const server = await createServerCertificate(ca, [...SERVER_ADDRESSES, ...addresses]);
  const serviceAccount = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const adminToken = randomToken();
  const controllerManagerToken = randomToken();
  const componentTokens = {
    'kube-scheduler': randomToken(),
    'kube-proxy': randomToken(),
    'node-1': randomToken(),
    'node-2': randomToken(),
  };
  const tokens = [
    `${adminToken},admin,1,"system:masters"`,
    // Its controllers share this one identity, so it needs the rights of them all.
    `${controllerManagerToken},system:kube-controller-manager,2,"system:masters"`,
    `${componentTokens['kube-scheduler']},system:kube-scheduler,3`,
    `${componentTokens['kube-proxy']},system:kube-proxy,4`,
    `${componentTokens['node-1']},system:node:node-1,5,"system:nodes"`,
    `${componentTokens['node-2']},system:node:node-2,6,"system:nodes"`,
  ];
  return {
    caPem: ca.cert,
    caFile: await write('ca.crt', ca.cert),
    serverCertFile: await write('server.crt', server.cert),
    serverKeyFile: await write('server.key', server.private),
    serviceAccountPrivateKeyFile: await write('service-account.key', serviceAccount.privateKey),
    serviceAccountPublicKeyFile: await write('service-account.pub', serviceAccount.publicKey),
    tokenFile: await write('tokens.csv', `${tokens.join('\n')}\n`),
    adminToken,
    controllerManagerToken,
    componentTokens,
  };
}

function randomToken(): string {
  return randomBytes(24).toString('base64url');
}

const KEY_OPTIONS = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

function createCa() {
  return generate([{ name: 'commonName', value: 'pullkeeper test cluster CA' }], {
    ...KEY_OPTIONS,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

function createServerCertificate(ca: { private: string; cert: string }, addresses: readonly string[]) {
  return generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...KEY_OPTIONS,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...SERVER_NAMES.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
}

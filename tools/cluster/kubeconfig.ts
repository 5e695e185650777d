import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';

export interface Access {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  readonly caPem: string;
  /** Where the CA is to be read each time it is needed, if not as it is here. */
  readonly caFile?: string;
  readonly token: string;
  /** Socket file through which this process reaches the server, where it is in a network namespace of its own. */
  readonly socketPath?: string;
}

/** Writes a kubeconfig that needs nothing but itself, unless the CA has a file: the server's certificate is verified. */
export async function writeKubeconfig(file: string, user: string, access: Access): Promise<void> {
  const cluster = 'pullkeeper';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster,
        cluster: {
          server: access.server,
          ...(access.caFile === undefined
            ? { 'certificate-authority-data': Buffer.from(access.caPem).toString('base64') }
            : { 'certificate-authority': access.caFile }),
        },
      },
    ],
    users: [{ name: user, user: { token: access.token } }],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  };
  await writeFile(file, stringify(config), { mode: 0o600 });
}

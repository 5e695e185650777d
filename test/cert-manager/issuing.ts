import { NAMESPACE } from '../../tools/installation/installation.ts';
import type { Admin } from '../cluster/admin.ts';

/** The entries of a Secret in Pullkeeper's namespace, decoded. */
export async function readSecret(admin: Admin, name: string): Promise<Readonly<Record<string, string>>> {
  const text = await admin.run('get', 'secret', name, '-n', NAMESPACE, '--ignore-not-found', '-o', 'json');
  const { data = {} } = (text === '' ? {} : JSON.parse(text)) as { data?: Record<string, string> };
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** What `cmctl renew` does: it sets the condition that cert-manager issues by. */
export async function renew(admin: Admin, certificate: string): Promise<void> {
  const condition = { type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message: 'by hand' };
  const patch = [{ op: 'add', path: '/status/conditions/-', value: condition }];
  await admin.run(
    ...['patch', 'certificate', certificate, '-n', NAMESPACE, '--subresource=status'],
    ...['--type=json', '-p', JSON.stringify(patch)],
  );
}

/** A CA's Secret where cert-manager looks for those of ClusterIssuers, and the issuer that docs/certificates.md names. */
export function describeClusterIssuer(certPem: string, keyPem: string): string {
  const data = { 'tls.crt': certPem, 'tls.key': keyPem };
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'corporate-ca', namespace: 'cert-manager' },
      type: 'kubernetes.io/tls',
      stringData: data,
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { name: 'corporate-ca' },
      spec: { ca: { secretName: 'corporate-ca' } },
    },
  ];
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

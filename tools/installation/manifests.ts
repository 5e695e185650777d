import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

/** The manifests that are shipped, as `kubectl apply -f` takes them. */
export const INSTALL_YAML = join(import.meta.dirname, '../../manifests/install.yaml');

/** Where a process outside of the cluster serves the webhooks: a Service cannot lead there. */
export interface WebhookAddress {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string;
  /** By which CA it is trusted, PEM. Left out where Pullkeeper sees to that itself. */
  readonly caPem?: string;
}

/**
 * The shipped manifests with one change, the only one that a control plane without nodes needs: the webhooks are called
 * by URL instead of through the Service.
 */
export async function renderManifests({ origin, caPem }: WebhookAddress): Promise<string> {
  const documents = parseAllDocuments(await readFile(INSTALL_YAML, 'utf8'));
  const objects = documents.map((document) => document.toJS() as Manifest);
  const trust = caPem === undefined ? {} : { caBundle: Buffer.from(caPem).toString('base64') };
  for (const { webhooks } of objects) {
    for (const webhook of webhooks ?? []) {
      const path = webhook.clientConfig.service?.path ?? '';
      webhook.clientConfig = { url: `${origin}${path}`, ...trust };
    }
  }
  return objects.map((object) => stringify(object)).join('---\n');
}

interface Manifest {
  readonly webhooks?: { clientConfig: { service?: { path?: string }; url?: string; caBundle?: string } }[];
}

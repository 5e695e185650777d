import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import {
  createPush,
  makeRegistryFolder,
  PUSH_ACCOUNT,
  runRegistry,
  statusInside,
  type Registry,
  type RegistryOptions,
} from './registry.ts';

/** What the registry and its token service must agree on; the names that Harbor gives them. */
export const TOKEN_ISSUER = 'harbor-token-issuer';
export const TOKEN_SERVICE = 'harbor-registry';

/**
 * Starts distribution's registry the way Harbor runs it: it sends clients to a token service, which knows the accounts
 * (those of robots are named `robot$project+name`) and lets each pull what its token says.
 */
export async function startTokenRegistry(options: RegistryOptions & { readonly tokenPort: number }): Promise<Registry> {
  const { cluster, name, port, tokenPort } = options;
  const folder = await makeRegistryFolder(options);
  const accountsFile = join(folder, 'accounts.json');
  const setAccounts = (accounts: Readonly<Record<string, string>>): Promise<void> =>
    writeFile(accountsFile, JSON.stringify({ ...accounts, [PUSH_ACCOUNT.name]: PUSH_ACCOUNT.password }), {
      mode: 0o600,
    });
  await setAccounts({});

  const { cert, private: privateKey } = await generate([{ name: 'commonName', value: TOKEN_ISSUER }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
  });
  const keyFile = join(folder, 'token.key');
  const certFile = join(folder, 'token.crt');
  await writeFile(keyFile, privateKey, { mode: 0o600 });
  await writeFile(certFile, cert);

  // By name: clients refuse to be sent to a private address by its number.
  const realm = `http://localhost:${tokenPort}/service/token`;
  const service = cluster.program({
    name: `${name}-tokens`,
    file: process.execPath,
    args: [
      join(import.meta.dirname, 'token-service-program.ts'),
      ...[String(tokenPort), keyFile, certFile, accountsFile, PUSH_ACCOUNT.name],
    ],
    isReady: async () => (await statusInside(cluster, realm)) === 401,
  });
  await service.start();
  await runRegistry(options, folder, {
    token: { realm, service: TOKEN_SERVICE, issuer: TOKEN_ISSUER, rootcertbundle: certFile },
  });
  return { name, port, setAccounts, push: await createPush(options, folder) };
}

import { fileURLToPath } from 'node:url';
import { createDevelopmentCertificates } from './development.ts';

const HOSTS = ['localhost', '127.0.0.1', '::1'];
const DAYS = 90;

const dir = fileURLToPath(new URL('../../certs', import.meta.url));
const words = process.argv.slice(2);
if (words.length > 0) {
  console.error(`npm run certs takes nothing (got ${words.join(' ')}): it writes development certificates into certs/`);
  process.exitCode = 2;
} else {
  await createDevelopmentCertificates({ hosts: HOSTS, days: DAYS, dir });
  console.log(`certs/ca.crt, certs/tls.crt and certs/tls.key: for ${HOSTS.join(', ')}, good for ${DAYS} days`);
  console.log('serve with:  --tls-cert-file certs/tls.crt --tls-key-file certs/tls.key');
  console.log('trust with:  curl --cacert certs/ca.crt, or caBundle in the webhook configuration');
}

/** For the test that kills a builder: builds the program of the module folder that its argument names. */
import { ensurePrograms } from '../../../tools/programs/ensure-programs.ts';

const moduleDir = process.argv[2] ?? '';
const progress = { say: () => undefined, show: (status: string) => void process.stdout.write(`${status}\n`) };
await ensurePrograms({ name: 'hello', moduleDir, programs: { hello: '.' } }, { progress });

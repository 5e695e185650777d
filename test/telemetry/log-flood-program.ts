// Logs more at once than anybody reads, says so on standard error, and ends when the rest has been read.

import { once } from 'node:events';
import { createLogDestination } from '../../src/telemetry/logger.ts';

const [lines = 0, bytes = 0] = process.argv.slice(2).map(Number);
const logs = createLogDestination(process.stdout.fd);
const line = `${'x'.repeat(bytes - 1)}\n`;
for (let number = 0; number < lines; number++) logs.write(line);
process.stderr.write('written\n');
await once(process.stdin.resume(), 'end');
await logs.writeAll();

/**
 * Lets processes outside of a cluster's network namespace call a port inside: `gateway-program.ts SOCKET PORT` runs inside and
 * passes what comes to a socket file, which a network namespace does not hide, on to the loopback port.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [socketPath, port] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (outside) => {
  const inside = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true });
  outside.pipe(inside).pipe(outside);
  // One side's failure is the other side's end.
  outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
  inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
});
await once(server.listen(socketPath), 'listening');

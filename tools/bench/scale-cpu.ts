import { readFile } from 'node:fs/promises';
import type { World } from './scale-world.ts';

/** CPU time so far of each program that takes part, in ms; the benchmark's own holds the plain loop and the watch of both. */
export interface CpuTimes {
  readonly apiServer: number;
  readonly etcd: number;
  readonly product: number;
  readonly benchmark: number;
}

export async function readCpuTimes({ cluster, product }: World): Promise<CpuTimes> {
  const [apiServer, etcd, own] = await Promise.all([
    readProcess(cluster.apiServer.pid),
    readProcess(cluster.etcd.pid),
    readProcess(product.replica.program.pid),
  ]);
  const { user, system } = process.cpuUsage();
  return { apiServer, etcd, product: own, benchmark: (user + system) / 1000 };
}

/** What one of `count` writes took of each. */
export function sharePerWrite(before: CpuTimes, after: CpuTimes, count: number): CpuTimes {
  return {
    apiServer: (after.apiServer - before.apiServer) / count,
    etcd: (after.etcd - before.etcd) / count,
    product: (after.product - before.product) / count,
    benchmark: (after.benchmark - before.benchmark) / count,
  };
}

export function describeCpu({ apiServer, etcd, product, benchmark }: CpuTimes): string {
  const parts = { 'API server': apiServer, etcd, product, benchmark };
  return Object.entries(parts)
    .map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
    .join(', ');
}

/** proc(5): utime and stime are the 14th and 15th field, in ticks of 10 ms; the second may hold blanks in its brackets. */
async function readProcess(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

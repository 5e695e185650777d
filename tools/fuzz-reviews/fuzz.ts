import type { FuzzServer } from './fuzz-server.ts';
import { findFault } from './judge.ts';
import { buildRequest, makeCase, smallerCases, type Request, type ReviewCase } from './review-case.ts';

export interface FuzzOptions {
  readonly server: FuzzServer;
  readonly cases: number;
  readonly seed: number;
  readonly onProgress?: (done: number) => void;
}

/** The first answer that is at fault, its request made as small as it gets. */
export interface Finding {
  readonly number: number;
  readonly fault: string;
  readonly request: Request;
}

export interface FuzzResult {
  readonly finding: Finding | undefined;
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** Questions under way at once: enough to keep both processes busy, far below what the server calls overload. */
const CONCURRENCY = 16;

export async function fuzz({ server, cases, seed, onProgress }: FuzzOptions): Promise<FuzzResult> {
  const statuses = new Map<number, number>();
  let next = 0;
  let found: number | undefined;

  async function work(): Promise<void> {
    while (next < cases && found === undefined) {
      const number = next++;
      const request = buildRequest(makeCase(seed, number));
      const { fault, status } = await judge(server, request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (fault !== undefined) found = Math.min(number, found ?? number);
      if ((number + 1) % 10_000 === 0) onProgress?.(number + 1);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return { finding: found === undefined ? undefined : await shrink(server, makeCase(seed, found), found), statuses };
}

async function judge(server: FuzzServer, request: Request): Promise<{ fault: string | undefined; status: number }> {
  try {
    const answer = await server.ask(request);
    return { fault: findFault(request, answer), status: answer.status };
  } catch (error) {
    return { fault: `there is no answer: ${error instanceof Error ? error.message : String(error)}`, status: 0 };
  }
}

/** Takes steps away as long as what is left is at fault. A server that is gone can be asked no more: the case stays whole. */
async function shrink(server: FuzzServer, large: ReviewCase, number: number): Promise<Finding> {
  const request = buildRequest(large);
  const { fault } = await judge(server, request);
  for (const smaller of fault === undefined ? [] : smallerCases(large)) {
    if ((await judge(server, buildRequest(smaller))).fault === fault) return shrink(server, smaller, number);
  }
  return { number, request, fault: fault ?? 'it did not show again' };
}

import type { Terminal } from './terminal.ts';

/** What a command line asks for, or what is to be said instead. */
export type RequestResult<Request> = { readonly kind: 'request'; readonly request: Request } | NoRequest;

export type NoRequest =
  | { readonly kind: 'help'; readonly text: string }
  /** Every problem at once, one sentence each. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Says it, and returns the exit status: 0 (help), 2 (wrong flags). */
export function sayInstead(command: string, result: NoRequest, terminal: Terminal): number {
  if (result.kind === 'help') {
    terminal.print(result.text);
    return 0;
  }
  const problems = result.problems.map((problem) => `  ${problem}\n`).join('');
  terminal.complain(`pullkeeper ${command}: wrong flags\n${problems}`);
  return 2;
}

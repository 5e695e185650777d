/** What the process that wants a cluster asks of its supervisor. Every request is answered under its id. */
export type SupervisorRequest =
  | { readonly id: number; readonly do: 'start'; readonly program: ProgramSpec }
  | { readonly id: number; readonly do: 'stop'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly id: number; readonly do: 'end' };

export interface ProgramSpec {
  /** One program of this name runs at a time. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Output is appended here. */
  readonly logFile: string;
}

export type SupervisorMessage =
  | { readonly kind: 'ready'; readonly folder: string }
  | { readonly kind: 'done'; readonly id: number; readonly pid?: number | undefined }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string }
  /** The program that request `id` started has ended. */
  | { readonly kind: 'exited'; readonly id: number; readonly exit: ProgramExit };

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

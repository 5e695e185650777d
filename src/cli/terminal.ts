/** Where a command writes for people. */
export interface Terminal {
  /** Standard output: what was asked for. */
  print(text: string): void;
  /** Standard error: what is wrong. */
  complain(text: string): void;
}

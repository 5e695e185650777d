/** One thing that was found: a code for programs, a sentence for people. Holds no credential and no user name. */
export interface Finding<Code extends string = string> {
  readonly code: Code;
  readonly sentence: string;
}

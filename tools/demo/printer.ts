import { styleText } from 'node:util';
import { renderSummary, type StepResult } from './summary.ts';

/** What the demo shows. Colours only where the output is a terminal that has them and NO_COLOR does not forbid it. */
export interface Printer {
  say(line: string): void;
  title(number: number, count: number, title: string): void;
  about(text: string): void;
  command(command: string): void;
  output(output: string): void;
  /** A claim that was seen to hold. */
  held(claim: string): void;
  /** A claim that did not hold, and what was seen instead. */
  failed(claim: string, instead: string): void;
  summary(results: readonly StepResult[], ms: number): void;
}

/** `process.stdout` is one. */
export type PrinterStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

type Style = Parameters<typeof styleText>[0];

export function createPrinter(stream: PrinterStream): Printer {
  const style = (format: Style, text: string): string => styleText(format, text, { stream });
  const say = (line: string): void => void stream.write(`${line}\n`);
  return {
    say,
    title: (number, count, title) => say(`\n${style('bold', `[${number}/${count}] ${title}`)}`),
    about: (text) => say(`${style('dim', text)}\n`),
    command: (command) => say(style('cyan', `$ ${command}`)),
    output: (output) => {
      const text = output.trimEnd();
      say(text === '' ? style('dim', '(nothing)') : text);
    },
    held: (claim) => say(style('green', `✓ ${claim}`)),
    failed: (claim, instead) => say(style('red', `✗ ${claim}\n  but: ${instead}`)),
    summary: (results, ms) => {
      for (const { line, held } of renderSummary(results, ms)) say(style(held ? 'green' : 'red', line));
    },
  };
}

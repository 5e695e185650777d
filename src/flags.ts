import { wrapWords } from './word-wrap.ts';

/** One flag of a command: `--name VALUE`, or the environment variable `PULLKEEPER_NAME`. The flag wins. */
export interface Flag {
  readonly name: string;
  /** What stands for the value in `--help`; a flag without one takes no value and is true or absent. */
  readonly value?: string;
  readonly default?: string;
  readonly repeatable?: boolean;
  readonly short?: string;
  /** No environment variable: for what belongs to one call, as a file to read. */
  readonly callOnly?: boolean;
  readonly help: string;
}

/** Every command's. */
export const HELP_FLAG: Flag = { name: 'help', short: 'h', callOnly: true, help: 'Print this.' };

export interface ParsedFlags {
  /** The last value given, else the environment's, else the default. */
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
  has(name: string): boolean;
  readonly positionals: readonly string[];
  /** One sentence each: unknown flags, missing values. Empty when all is well. */
  readonly problems: readonly string[];
}

export function environmentName(flag: string): string {
  return `PULLKEEPER_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * Reads a command line against a table of flags. Both `--name value` and `--name=value` are taken, `--` ends the flags.
 * Nothing is thrown: what is wrong is in `problems`, all of it at once.
 */
export function parseFlags(
  flags: readonly Flag[],
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedFlags {
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  const problems: string[] = [];

  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      positionals.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const spelled = equals === -1 ? word : word.slice(0, equals);
    const flag = flags.find(({ name, short }) => spelled === `--${name}` || spelled === `-${short ?? ''}`);
    if (flag === undefined) {
      problems.push(`${spelled}: there is no such flag; --help lists them`);
      continue;
    }
    const next = argv[i + 1];
    let value = equals === -1 ? undefined : word.slice(equals + 1);
    if (flag.value === undefined) {
      if (value !== undefined) problems.push(`--${flag.name}: takes no value`);
      value = 'true';
    } else if (value === undefined) {
      if (next === undefined || /^--?[a-z]/.test(next)) {
        problems.push(`--${flag.name}: a value is missing, write --${flag.name} ${flag.value}`);
        continue;
      }
      value = next;
      i++;
    }
    const values = given.get(flag.name) ?? [];
    values.push(value);
    given.set(flag.name, values);
  }

  for (const flag of flags) {
    if (flag.callOnly === true || given.has(flag.name)) continue;
    const value = env[environmentName(flag.name)];
    if (value !== undefined && value !== '') given.set(flag.name, [value]);
  }

  const defaults = new Map(flags.map((flag) => [flag.name, flag.default]));
  return {
    get: (name) => given.get(name)?.at(-1) ?? defaults.get(name),
    getAll: (name) => given.get(name) ?? [],
    has: (name) => given.has(name),
    positionals,
    problems,
  };
}

/** The `--help` text of a table of flags: one paragraph each, with its environment variable and default. */
export function describeFlags(flags: readonly Flag[]): string {
  const paragraphs = flags.map((flag) => {
    const spelled = `  ${flag.short === undefined ? '' : `-${flag.short}, `}--${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}`;
    const notes = [
      ...(flag.default === undefined ? [] : [`default: ${flag.default}`]),
      ...(flag.callOnly === true ? [] : [environmentName(flag.name)]),
    ];
    const text = `${flag.help}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}`;
    return [spelled, ...wrapWords(text, 84).map((line) => `        ${line}`)].join('\n');
  });
  return paragraphs.join('\n');
}

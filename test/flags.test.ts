import { describe, expect, it } from 'vitest';
import { describeFlags, environmentName, parseFlags, type Flag } from '../src/flags.ts';

const FLAGS: readonly Flag[] = [
  { name: 'secret-name', value: 'NAME', default: 'pullkeeper', help: 'the name' },
  { name: 'file', short: 'f', value: 'FILE', repeatable: true, callOnly: true, help: 'a file' },
  { name: 'verbose', help: 'says more' },
];

function parse(argv: readonly string[], env: Record<string, string> = {}) {
  const parsed = parseFlags(FLAGS, argv, env);
  return {
    name: parsed.get('secret-name'),
    files: parsed.getAll('file'),
    verbose: parsed.has('verbose'),
    positionals: parsed.positionals,
    problems: parsed.problems,
  };
}

const nothing = { name: 'pullkeeper', files: [], verbose: false, positionals: [], problems: [] };

describe('parseFlags', () => {
  it.each([
    ['defaults', [], {}, nothing],
    ['a value after a space', ['--secret-name', 'x'], {}, { ...nothing, name: 'x' }],
    ['a value after =', ['--secret-name=x=y'], {}, { ...nothing, name: 'x=y' }],
    ['the environment', [], { PULLKEEPER_SECRET_NAME: 'e' }, { ...nothing, name: 'e' }],
    [
      'the flag over the environment',
      ['--secret-name', 'x'],
      { PULLKEEPER_SECRET_NAME: 'e' },
      { ...nothing, name: 'x' },
    ],
    ['an empty variable as none', [], { PULLKEEPER_SECRET_NAME: '' }, nothing],
    ['no variable for what belongs to one call', [], { PULLKEEPER_FILE: 'e' }, nothing],
    ['the last of two', ['--secret-name=a', '--secret-name=b'], {}, { ...nothing, name: 'b' }],
    ['short and repeated', ['-f', 'a', '-f=b', '--file', '-'], {}, { ...nothing, files: ['a', 'b', '-'] }],
    ['no value', ['--verbose', 'x'], {}, { ...nothing, verbose: true, positionals: ['x'] }],
    ['-- ends the flags', ['--', '--verbose'], {}, { ...nothing, positionals: ['--verbose'] }],
    [
      'every problem at once',
      ['--nope', '--secret-name', '--verbose=1', '--file'],
      {},
      {
        ...nothing,
        verbose: true,
        problems: [
          '--nope: there is no such flag; --help lists them',
          '--secret-name: a value is missing, write --secret-name NAME',
          '--verbose: takes no value',
          '--file: a value is missing, write --file FILE',
        ],
      },
    ],
  ] as const)('takes %s', (_title, argv, env, expected) => {
    expect(parse(argv, env)).toEqual(expected);
  });
});

it('names the environment variable of a flag after it', () => {
  expect(environmentName('tls-cert-file')).toBe('PULLKEEPER_TLS_CERT_FILE');
});

it('describes each flag with its default and its variable', () => {
  expect(describeFlags(FLAGS)).toBe(
    [
      '  --secret-name NAME',
      '        the name [default: pullkeeper; PULLKEEPER_SECRET_NAME]',
      '  -f, --file FILE',
      '        a file',
      '  --verbose',
      '        says more [PULLKEEPER_VERBOSE]',
    ].join('\n'),
  );
});

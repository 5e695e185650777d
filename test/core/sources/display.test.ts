import { describe, expect, it } from 'vitest';
import { displayKey, displayText } from '../../../src/core/sources/display.ts';

describe('a registry key is shown without what may be a credential', () => {
  it.each([
    ['foo.io/acme/', 'foo.io/acme/'],
    ['https://foo.io:5000/v1/', 'https://foo.io:5000/v1/'],
    ['[::1]:5000', '[::1]:5000'],
    ['*.foo.io:*', '*.foo.io:*'],
    ['https://user:word@foo.io', '[redacted]@foo.io'],
    ['user@foo.io', '[redacted]@foo.io'],
    ['https://user:wo/rd@foo.io/a', '[redacted]@foo.io/a'],
    ['https://user:wo?rd@foo.io', '[redacted]@foo.io'],
    ['https://user:wo@rd@foo.io', '[redacted]@foo.io'],
    ['https://foo.io/user:word@a', '[redacted]@a'],
    ['foo.io?token=word', 'foo.io?[redacted]'],
    ['foo.io/a#word', 'foo.io/a#[redacted]'],
    ['user:word', '[redacted]'],
    ['https://user:word/a', 'https://[redacted]/a'],
    ['foo.io:word', 'foo.io:[redacted]'],
    ['foo.io:5000:word', 'foo.io:[redacted]'],
    ['foo.io/app@sha256:0123', 'foo.io/app@sha256:0123'],
    ['user:word@foo.io/app@sha256:0123', '[redacted]@foo.io/app@sha256:0123'],
    ['user:word@sha256:0123', '[redacted]@sha256:0123'],
  ])('%s', (key, shown) => {
    expect(displayKey(key)).toBe(shown);
  });
});

describe('text from outside is shown on one line', () => {
  it.each([
    ['plain', 'plain'],
    ['two\nlines', 'two\\u{a}lines'],
    ['\u001b[31m', '\\u{1b}[31m'],
    ['caf\u00e9 \u{1f433}', 'caf\\u{e9} \\u{1f433}'],
    ['\ud83d', '\\u{d83d}'],
    ['a'.repeat(101), `${'a'.repeat(100)}…`],
  ])('%j', (text, shown) => {
    expect(displayText(text)).toBe(shown);
  });
});

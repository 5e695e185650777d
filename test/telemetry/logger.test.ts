import { expect, it } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';

function log(fields: object): unknown {
  const lines: unknown[] = [];
  createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) }).info(fields, 'message');
  return lines[0];
}

it('writes fields, level, time and message as one JSON object', () => {
  expect(log({ namespace: 'tom', ms: 0.5 })).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    namespace: 'tom',
    ms: 0.5,
    msg: 'message',
  });
});

it.each(['password', 'auth', 'username', 'data', 'stringData', 'authorization'])(
  'writes no %s, at any depth',
  (name) => {
    const fields = {
      [name]: 'canary',
      other: 'kept',
      inner: { [name]: { value: 'canary' }, other: 'kept', list: [{ [name]: 'canary', other: 'kept' }] },
    };
    expect(log(fields)).toMatchObject({
      [name]: '[redacted]',
      other: 'kept',
      inner: { [name]: '[redacted]', other: 'kept', list: [{ [name]: '[redacted]', other: 'kept' }] },
    });
    expect(fields[name]).toBe('canary');
  },
);

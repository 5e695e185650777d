import { describe, expect, test } from 'vitest';
import {
  acquireRecord,
  createRecord,
  isSameRecord,
  releaseRecord,
  renewRecord,
  type LeaseRecord,
} from '../../../src/core/lease/record.ts';

const EARLIER = '2026-01-01T00:00:00.123456Z';
const NOW = '2026-01-01T00:01:00.000000Z';
const writer = { identity: 'us', leaseSeconds: 15, wallTime: NOW };
const previous: LeaseRecord = {
  holder: 'them',
  durationSeconds: 30,
  acquireTime: EARLIER,
  renewTime: EARLIER,
  transitions: 4,
};

describe('what is written', () => {
  test('to create', () => {
    expect(createRecord(writer)).toEqual({
      holder: 'us',
      durationSeconds: 15,
      acquireTime: NOW,
      renewTime: NOW,
      transitions: 0,
    });
  });

  test('to acquire: one transition more', () => {
    expect(acquireRecord(previous, writer)).toEqual({
      holder: 'us',
      durationSeconds: 15,
      acquireTime: NOW,
      renewTime: NOW,
      transitions: 5,
    });
  });

  test('to renew: the acquire time stays as it was written, microseconds included', () => {
    expect(renewRecord({ ...previous, holder: 'us' }, writer)).toEqual({
      holder: 'us',
      durationSeconds: 15,
      acquireTime: EARLIER,
      renewTime: NOW,
      transitions: 4,
    });
    expect(renewRecord({ ...previous, acquireTime: undefined }, writer).acquireTime).toBe(NOW);
  });

  test('to release: nobody, for a second', () => {
    expect(releaseRecord({ ...previous, holder: 'us' }, NOW)).toEqual({
      holder: '',
      durationSeconds: 1,
      acquireTime: NOW,
      renewTime: NOW,
      transitions: 4,
    });
  });
});

describe('a record has changed when any of its fields has', () => {
  test('none', () => expect(isSameRecord(previous, { ...previous })).toBe(true));
  test.each<Partial<LeaseRecord>>([
    { holder: 'us' },
    { acquireTime: NOW },
    { renewTime: NOW },
    { transitions: 5 },
    { durationSeconds: 15 },
  ])('%o', (change) => expect(isSameRecord(previous, { ...previous, ...change })).toBe(false));
});

import { describe, expect, it } from 'vitest';
import { createLargeBodies } from '../../src/http/large-bodies.ts';

function setUp() {
  const time = { now: 0 };
  const bodies = createLargeBodies({ largeBytes: 28, largeBytesFromOne: 14, largeBodyMs: 1000 }, () => time.now);
  const givenUp: string[] = [];
  const open = (name: string, client: string) => bodies.open(client, () => givenUp.push(name));
  return { time, open, givenUp };
}

describe('large bodies', () => {
  it('from one client hold half of what there is, and leave others the rest', () => {
    const { open, givenUp } = setUp();
    const [one, two, three] = [open('one', 'flooder'), open('two', 'flooder'), open('three', 'flooder')];
    expect([one.grow(7), two.grow(7), three.grow(1)]).toEqual([true, true, false]);
    expect(open('four', 'API server').grow(7)).toBe(true);
    expect(givenUp).toEqual([]);
  });

  it('from many clients hold no more than there is', () => {
    const { open } = setUp();
    for (const client of ['a', 'b', 'c', 'd']) expect(open(client, client).grow(7)).toBe(true);
    expect(open('e', 'e').grow(1)).toBe(false);
  });

  it('are counted by what they hold now', () => {
    const { open } = setUp();
    const one = open('one', 'a');
    expect([one.grow(4), one.grow(8), one.grow(14), one.grow(15)]).toEqual([true, true, true, false]);
    one.close();
    expect(open('two', 'a').grow(14)).toBe(true);
  });

  it('give way after a second, the oldest first and no more than needed', () => {
    const { time, open, givenUp } = setUp();
    for (const [at, name] of ['one', 'two', 'three', 'four'].entries()) {
      time.now = at;
      expect(open(name, name).grow(7)).toBe(true);
    }
    time.now = 999;
    expect(open('five', 'five').grow(7)).toBe(false);
    time.now = 1001;
    expect(open('six', 'six').grow(5)).toBe(true);
    expect(givenUp).toEqual(['one']);
    // What was given up holds nothing: 7 + 7 + 7 + 5 are left.
    expect(open('seven', 'seven').grow(2)).toBe(true);
    expect(givenUp).toEqual(['one']);
  });

  it('give way to others of their own client', () => {
    const { time, open, givenUp } = setUp();
    for (const name of ['one', 'two']) open(name, 'a').grow(7);
    time.now = 1000;
    expect(open('three', 'a').grow(7)).toBe(true);
    expect(givenUp).toEqual(['one']);
  });

  it('do not give way once they are there, nor to themselves', () => {
    const { time, open, givenUp } = setUp();
    const [one, two] = [open('one', 'a'), open('two', 'a')];
    one.grow(7);
    one.complete();
    two.grow(7);
    time.now = 5000;
    expect(two.grow(8)).toBe(false);
    expect(givenUp).toEqual([]);
  });
});

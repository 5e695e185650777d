import { expect, it } from 'vitest';
import { createOneATurn } from '../../src/http/one-a-turn.ts';

it('does one piece of work after each turn, of another client than the last where there is one', () => {
  const turns: (() => void)[] = [];
  const oneATurn = createOneATurn((callback) => turns.push(callback), { all: 4, fromOne: 3 });
  const done: string[] = [];
  const give = (client: string, work: string) => oneATurn(client, () => done.push(work));
  const endTurn = () => {
    const [end, ...more] = turns.splice(0);
    expect(more).toEqual([]);
    end?.();
  };

  give('a', 'a1');
  give('a', 'a2');
  give('a', 'a3');
  give('b', 'b1');
  expect(done).toEqual([]);
  expect([give('a', 'one too many of one'), give('c', 'one too many')]).toEqual([false, false]);
  for (const expected of [['a1'], ['a1', 'b1'], ['a1', 'b1', 'a2']]) {
    endTurn();
    expect(done).toEqual(expected);
  }
  give('a', 'a4');
  endTurn();
  endTurn();
  expect(done).toEqual(['a1', 'b1', 'a2', 'a3', 'a4']);
  expect(turns).toEqual([]);
  // And again, when there has been nothing to do.
  give('b', 'b2');
  endTurn();
  expect(done.at(-1)).toBe('b2');
});

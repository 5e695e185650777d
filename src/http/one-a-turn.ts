/** Takes on a piece of work for a client; false, and nothing is done, when too many wait already. */
type OneATurn = (client: string, work: () => void) => boolean;

/**
 * Does one piece of work after each turn of the event loop, so that what else happens waits for one at most. Whoever had the
 * last one lets others go first.
 *
 * @param afterTurn calls back after the events of this turn: `setImmediate`
 * @param most how many may wait, and how many of one client
 */
export function createOneATurn(
  afterTurn: (callback: () => void) => void,
  most: { readonly all: number; readonly fromOne: number },
): OneATurn {
  const waiting: { readonly client: string; readonly work: () => void }[] = [];
  let lastClient = '';

  function next(): void {
    const other = waiting.findIndex(({ client }) => client !== lastClient);
    const [first] = waiting.splice(Math.max(other, 0), 1);
    if (waiting.length > 0) afterTurn(next);
    lastClient = first?.client ?? '';
    first?.work();
  }

  return (client, work) => {
    const ofClient = waiting.filter((each) => each.client === client);
    if (waiting.length >= most.all || ofClient.length >= most.fromOne) return false;
    waiting.push({ client, work });
    if (waiting.length === 1) afterTurn(next);
    return true;
  };
}

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLargeBodies, type LargeBody } from './large-bodies.ts';
import { createOneATurn } from './one-a-turn.ts';
import type { ServerLimits } from './limits.ts';
import { refusal, type Refusal } from './refusal.ts';

export type BodyReading =
  { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface BodyReader {
  /**
   * Reads and decodes a request's body within the limits; those of large bodies are shared out by `client`, an address.
   * `done` is called once; never, when the client goes away first.
   * `onReceived` is called when all of it is there, before it is decoded; what it returns is refused instead. Large ones are
   * then decoded one in each turn of the event loop, and `done` with them, so that small ones never wait for more than one;
   * so are those of sources, which cost as much when they are small.
   */
  read(
    exchange: {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
      readonly client: string;
      readonly isSource: boolean;
    },
    onReceived: () => Refusal | undefined,
    done: (reading: BodyReading) => void,
  ): void;
}

type BodyLimits = Pick<
  ServerLimits,
  | 'sources'
  | 'sourcesFromOne'
  | 'longestBody'
  | 'smallBody'
  | 'largeBytes'
  | 'largeBytesFromOne'
  | 'largeBodyMs'
  | 'values'
>;

/**
 * @param now monotonic milliseconds
 * @param afterTurn calls back after the events of this turn: `setImmediate`
 */
export function createBodyReader(
  limits: BodyLimits,
  now: () => number,
  afterTurn: (callback: () => void) => void,
): BodyReader {
  const largeBodies = createLargeBodies(limits, now);
  const largeOnes = createOneATurn(afterTurn, { all: Infinity, fromOne: Infinity });
  const sources = createOneATurn(afterTurn, { all: limits.sources, fromOne: limits.sourcesFromOne });

  return {
    read: ({ request, response, client, isSource }, onReceived, done) => {
      const declared = Number(request.headers['content-length'] ?? 0);
      let bytes: Buffer = NOTHING;
      let length = 0;
      let large: LargeBody | undefined;

      /** A large body's memory counts until its request is answered: what was read of it lives as long. */
      function openLarge(): LargeBody {
        const opened = largeBodies.open(client, () => refuse(refusal.overloaded()));
        response.once('close', () => opened.close());
        return opened;
      }
      function refuse(refused: Refusal): void {
        request.off('data', onData).off('end', onEnd);
        // The rest is read and dropped, so that the client comes to read the answer.
        request.resume();
        large?.close();
        bytes = NOTHING;
        done({ kind: 'refused', refusal: refused });
      }
      function onData(chunk: Buffer): void {
        const needed = length + chunk.length;
        if (needed > limits.longestBody) return refuse(refusal.tooLarge(limits.longestBody));
        // Mostly all of it comes at once.
        if (length === 0 && needed <= limits.smallBody) bytes = chunk;
        else if (needed > bytes.length && !widen(needed)) return refuse(refusal.overloaded());
        if (bytes !== chunk) chunk.copy(bytes, length);
        length = needed;
      }
      /** Makes the one buffer larger: kept one by one, chunks of one byte would take hundreds of bytes each. */
      function widen(needed: number): boolean {
        const isLarge = needed > limits.smallBody;
        // The declared length is trusted up to what every connection may bring; beyond that it only bounds the growth.
        const expected = declared > 0 && !isLarge ? declared : Math.min(2 * bytes.length, declared || Infinity);
        const size = Math.max(needed, Math.min(expected, isLarge ? limits.longestBody : limits.smallBody));
        if (isLarge) {
          large ??= openLarge();
          if (!large.grow(size)) return false;
        }
        const wider = Buffer.allocUnsafeSlow(size);
        bytes.copy(wider, 0, 0, length);
        bytes = wider;
        return true;
      }
      function onEnd(): void {
        large?.complete();
        const refused = onReceived();
        if (refused !== undefined) return done({ kind: 'refused', refusal: refused });
        if (large === undefined && !isSource) return done(decode(bytes.subarray(0, length), limits));
        const isTaken = (isSource ? sources : largeOnes)(client, () => {
          if (!response.closed) done(decode(bytes.subarray(0, length), limits));
        });
        if (!isTaken) refuse(refusal.overloaded());
      }

      if (request.headers['content-encoding'] !== undefined) return refuse(refusal.encoded());
      if (declared > limits.longestBody) return refuse(refusal.tooLarge(limits.longestBody));
      request.on('data', onData).on('end', onEnd);
    },
  };
}

const NOTHING = Buffer.alloc(0);

/**
 * A short body cannot hold many values, so its values are not counted. The parser's own message quotes what it read, so
 * only the failure is passed on.
 */
function decode(body: Buffer, { smallBody, values }: BodyLimits): BodyReading {
  if (!isUtf8(body)) return { kind: 'refused', refusal: refusal.notUtf8() };
  if (body.length > smallBody && countValues(body) > values) {
    return { kind: 'refused', refusal: refusal.tooManyValues(values) };
  }
  try {
    return { kind: 'json', value: JSON.parse(body.toString('utf8')) };
  } catch {
    return { kind: 'refused', refusal: refusal.notJson() };
  }
}

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts objects, arrays, and members after the first; of a text that is not JSON, at least as far as JSON.parse gets. */
function countValues(body: Buffer): number {
  let count = 0;
  let isInString = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) count++;
  }
  return count;
}

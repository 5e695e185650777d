/** What one connection, one request and all of them together may take: the webhook's port is open to the whole cluster. */
export interface ServerLimits {
  /** A body's length in bytes. */
  readonly longestBody: number;
  /** Every connection may bring a body as long as this, in bytes. */
  readonly smallBody: number;
  /** What all longer ones together may hold, in bytes, and those of one client. */
  readonly largeBytes: number;
  readonly largeBytesFromOne: number;
  /** One that is not there as a whole after so long gives way to others. */
  readonly largeBodyMs: number;
  /** Reviews of sources that wait for their turn, and those of one client. */
  readonly sources: number;
  readonly sourcesFromOne: number;
  /** Objects, arrays and members in one body. */
  readonly values: number;
  /** Beyond this, connections that wait for their client for longer than `staleMs` go. */
  readonly connections: number;
  readonly staleMs: number;
  /** There are never more. */
  readonly mostConnections: number;
  /** Whole requests that wait for an answer of ours. */
  readonly inFlight: number;
  /** How long one turn of the event loop may have answered requests before the rest of that turn's are refused. */
  readonly turnMs: number;
  readonly handshakeMs: number;
  /** From the connection, or the last answer, to the end of the headers. */
  readonly headersMs: number;
  /** The same, to the end of the body. */
  readonly requestMs: number;
  /** How often connections are looked at for these times. */
  readonly checkMs: number;
  readonly keepAliveMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  // Two objects of 3 MiB (the API server's own limit for a request) and their envelope: what a review can be at most.
  longestBody: 7 * 1024 * 1024,
  // A Pod's review has some 10 KiB. So long a body and its connection take 180 KiB (measured), 600 of them 110 MB.
  smallBody: 64 * 1024,
  // Four of the longest, for what is rare. Half of it for one address: a flood leaves API servers the other half.
  largeBytes: 28 * 1024 * 1024,
  largeBytesFromOne: 14 * 1024 * 1024,
  // The longest one in this time is 59 Mbit/s: no API server's network is slower. And the API server tries again 1 s after it
  // was refused: whatever was in its way gives way then.
  largeBodyMs: 1000,
  // An API server waits 3 s. One of 64 KiB may take 23 ms (measured): a hundred of them are judged in time, far more than a
  // tool applies at once. Another address, which takes turns with the first, may have as many.
  sources: 200,
  sourcesFromOne: 100,
  // Decoded, one byte of JSON takes up to 60 bytes of memory (7 MiB of "[": 212 MB and 1.8 s, measured); so many values take
  // 16 MB. etcd stores objects of 1.5 MiB at most, in which a Pod of so many values would have 6 bytes for each.
  values: 2 ** 18,
  // One API server has 600 requests under way at most (--max-requests-inflight 400, --max-mutating-requests-inflight 200), and
  // keeps 25 idle connections. Beyond that, who is silent for timeoutSeconds is no API server in the middle of a request.
  connections: 600,
  staleMs: 3000,
  // Three API servers at their limit, whose connections all come at once. An idle one takes 60 KiB (measured): 110 MB.
  mostConnections: 1800,
  // Only what waits for the API server (a GET, a creation: 800 ms each) is in flight for longer than a turn: three API servers
  // that all wait at once would be more than theirs are made for.
  inFlight: 1000,
  // The API server gives up 3 s after its first try (timeoutSeconds) and tries again 1 s after a 503 that says so: two tries
  // fit when each is answered within 1 s. A request waits for at most the rest of the turn in which it came and for its place
  // in the next one: two turns of 500 ms, less what garbage collection and the network take. Three tries would fit with 166 ms,
  // but a process that is kept from its CPU for so long is then not asked too much: seen on a busy machine, 4 requests of 100
  // were refused that would have been answered in milliseconds.
  turnMs: 450,
  // No step of a request that is waited for takes longer than timeoutSeconds: 3 by our configuration.
  handshakeMs: 5000,
  headersMs: 5000,
  // The longest body at 1 MiB/s, rounded up.
  requestMs: 10_000,
  // Node's default of 30 s would make of 5 s up to 35.
  checkMs: 1000,
  // The API server's client keeps idle connections for 90 s: it must be the one that closes them.
  keepAliveMs: 125_000,
};

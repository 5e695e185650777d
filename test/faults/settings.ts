/**
 * How long the faults last: short for CI, long by hand (`PULLKEEPER_FAULT_SECONDS=60 npm run test:faults`), where they
 * have the lengths and the 500 namespaces that users' outages have.
 */
export const FAULT_SECONDS = Number(process.env['PULLKEEPER_FAULT_SECONDS'] ?? 4);
export const FAULT_MS = FAULT_SECONDS * 1000;
export const IS_LONG = FAULT_SECONDS >= 30;

/** Namespaces that a rotation goes over. */
export const NAMESPACES = IS_LONG ? 500 : 60;

/**
 * How many times slower than two free cores the machine is: where it does much else, hundreds of writes take seconds by
 * themselves. Said by who runs the tests; the program gets no more time by default.
 */
export const MACHINE_SLOWNESS = Number(process.env['PULLKEEPER_MACHINE_SLOWNESS'] ?? 1);

/** After a fault's end every Secret is right within this long. */
export const RIGHT_WITHIN_MS = 5000 * MACHINE_SLOWNESS;

/** What a process may hold more of after a fault than before it: caches of the engine and of TLS that fill once. */
export const HEAP_ALLOWANCE_BYTES = 8 * 2 ** 20;

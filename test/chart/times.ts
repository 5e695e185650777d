/** The first time, Go builds it. */
export const BUILD_MS = 600_000;

/** Helm renders in a tenth of a second, on a machine that does nothing else. */
export const RENDER_MS = 30_000;

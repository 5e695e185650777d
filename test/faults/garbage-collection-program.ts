/** Loaded before a program: it collects its garbage when it gets SIGUSR2, so that its memory can be compared. */
import { exposeGarbageCollector } from '../support/garbage-collector.ts';

const collectGarbage = exposeGarbageCollector();
process.on('SIGUSR2', () => collectGarbage());

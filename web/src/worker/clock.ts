// The clocks of a real host, in microseconds: the page's worker and the Node runner share them.
import { CLOCK_DRIFT_MS } from './limits.ts';

/** Microseconds on a clock that never goes back. */
export function steadyMicros(): number {
  return Math.floor(performance.now() * 1000);
}

/** Makes a wall clock with microseconds, which Date alone lacks: Date's, carried on by the steady clock. */
export function makeWallClock(): () => number {
  let offset = Date.now() - performance.now();
  return () => {
    const fine = offset + performance.now();
    const coarse = Date.now();
    if (Math.abs(fine - coarse) <= CLOCK_DRIFT_MS) return Math.floor(fine * 1000);
    offset = coarse - performance.now();
    return coarse * 1000;
  };
}

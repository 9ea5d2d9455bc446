// Gives the machine its turns: short ones, with the event loop in between, and none while everything waits.
import { TIMER_MS_MAX, TURN_MS } from './limits.ts';
import type { Turn } from './machine.ts';

/** How the pump waits: after the events that are already there, or for a time. */
export interface Scheduler {
  /** Calls `run` soon, after events that already wait; unlike setTimeout(0), without a minimum of 4 ms. */
  soon(run: () => void): void;
  /** @returns how to forget the call. */
  after(ms: number, run: () => void): () => void;
  /** Microseconds on the machine's steady clock. */
  now(): number;
}

/** The scheduler of a page's worker. */
export function channelScheduler(now: () => number): Scheduler {
  const channel = new MessageChannel();
  let waiting: (() => void)[] = [];
  channel.port1.onmessage = () => {
    const due = waiting;
    waiting = [];
    for (const run of due) run();
  };
  return {
    soon(run) {
      waiting.push(run);
      if (waiting.length === 1) channel.port2.postMessage(null);
    },
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    now,
  };
}

export interface PumpOptions {
  /** One turn of the machine of about `budget` microseconds. */
  readonly run: (budget: number) => Turn;
  /** Called after each turn, to pass on what the turn brought. */
  readonly onTurn: () => void;
  /** `run` or `onTurn` threw; the pump has stopped. */
  readonly onFailure: (error: unknown) => void;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #scheduler: Scheduler;
  #forgetTimer: (() => void) | null = null;
  #isQueued = false;
  #isRunning = false;
  #isStopped = false;

  constructor(scheduler: Scheduler, options: PumpOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
  }

  /** Something came in: a turn is due, soon. */
  wake(): void {
    if (this.#isQueued || this.#isStopped) return;
    this.#isQueued = true;
    this.#scheduler.soon(() => {
      this.#isQueued = false;
      this.#turn();
    });
  }

  /** The same without the detour, for what is wanted fast; if a turn is due anyway, it serves both. */
  wakeNow(): void {
    if (!this.#isQueued && !this.#isRunning) this.#turn();
  }

  stop(): void {
    this.#isStopped = true;
    this.#forgetTimer?.();
    this.#forgetTimer = null;
  }

  #turn(): void {
    if (this.#isStopped) return;
    this.#isRunning = true;
    try {
      const turn = this.#options.run(TURN_MS * 1000);
      this.#options.onTurn();
      if (turn.hasMore) this.wake();
      else this.#sleepUntil(turn.nextDeadline);
    } catch (error) {
      this.stop();
      this.#options.onFailure(error);
    } finally {
      this.#isRunning = false;
    }
  }

  // The timer only wakes: a turn that starts from the scheduler's own task keeps timers clear of the browsers' 4 ms clamp
  // on nested ones.
  #sleepUntil(deadline: number): void {
    this.#forgetTimer?.();
    this.#forgetTimer = null;
    if (deadline === Infinity) return;
    const ms = Math.ceil((deadline - this.#scheduler.now()) / 1000);
    if (ms <= 0) this.wake();
    else this.#forgetTimer = this.#scheduler.after(Math.min(ms, TIMER_MS_MAX), () => this.wake());
  }
}

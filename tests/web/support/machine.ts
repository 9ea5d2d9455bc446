// The real machine for tests: built wasm, and hosts whose clock and chance the test decides.
import { fileURLToPath } from 'node:url';

import type { ExitReason, Pid } from '../../../web/src/protocol.ts';
import { loadMachine } from '../../../web/src/node/load-machine.ts';
import {
  Machine,
  type MachineHost,
  type MachineModule,
  type MachineOptions,
  type OutputStream,
} from '../../../web/src/worker/machine.ts';

const folder = fileURLToPath(new URL('../../../build/wasm/edge', import.meta.url));

/** A fresh wasm instance. */
export async function newModule(): Promise<MachineModule> {
  return await loadMachine(folder);
}

/** A host of whom everything is known: time moves when the test says so, chance is a counted sequence. */
export class ManualHost implements MachineHost {
  now = 1_000_000;
  seed = 1;
  /** All that the machine told, in order. */
  readonly transcript: string[] = [];
  readonly exits = new Map<Pid, { readonly status: number; readonly reason: ExitReason }>();
  readonly waitsForInput = new Map<Pid, boolean>();
  /** Output that nobody acknowledged yet, in bytes. */
  readonly unshown = new Map<Pid, number>();
  readonly uplink = null;
  /** Microseconds that each look at the clock takes: time passes while a script runs. */
  tick = 1;
  readonly #output = new Map<string, Uint8Array[]>();

  wallClock(): number {
    return 1_700_000_000_000_000 + this.steadyClock();
  }
  steadyClock(): number {
    this.now += this.tick;
    return this.now;
  }
  entropy(into: Uint8Array): void {
    for (let index = 0; index < into.length; index++) {
      this.seed = (this.seed * 1_103_515_245 + 12_345) % 2 ** 31;
      into[index] = this.seed >>> 16;
    }
  }
  write(pid: Pid, stream: OutputStream, bytes: Uint8Array): void {
    const name = `${pid}/${stream}`;
    const copy = Buffer.from(bytes);
    const chunks = this.#output.get(name);
    if (chunks) chunks.push(copy);
    else this.#output.set(name, [copy]);
    this.unshown.set(pid, (this.unshown.get(pid) ?? 0) + bytes.length);
    this.transcript.push(`${this.now} ${name} ${copy.toString('latin1')}`);
  }
  exited(pid: Pid, status: number, reason: ExitReason): void {
    this.exits.set(pid, { status, reason });
    this.transcript.push(`${this.now} ${pid} exited ${status} ${reason}`);
  }
  reading(pid: Pid, waits: boolean): void {
    this.waitsForInput.set(pid, waits);
    this.transcript.push(`${this.now} ${pid} reading ${waits}`);
  }
  doorsChanged(): void {
    this.transcript.push(`${this.now} doors`);
  }
  tunnelChanged(): void {
    this.transcript.push(`${this.now} tunnel`);
  }
  filesChanged(): void {
    this.transcript.push(`${this.now} files`);
  }

  bytes(pid: Pid, stream: OutputStream): Buffer {
    return Buffer.concat(this.#output.get(`${pid}/${stream}`) ?? []);
  }
  stdout(pid: Pid): string {
    return this.bytes(pid, 1).toString();
  }
  stderr(pid: Pid): string {
    return this.bytes(pid, 2).toString();
  }
}

/** A machine on a manual host; output counts as shown at once. */
export class TestMachine {
  readonly host = new ManualHost();
  readonly machine: Machine;

  constructor(module: MachineModule, options: MachineOptions = {}) {
    this.machine = new Machine(module, this.host, options);
  }

  static async make(options: MachineOptions = {}): Promise<TestMachine> {
    return new TestMachine(await newModule(), options);
  }

  /** Starts a script that is given as text. */
  spawn(source: string, args: readonly string[] = [], name = 'test.lua'): Pid {
    const why = this.machine.putFile(`/project/${name}`, source, 'writable');
    if (why !== null) throw new Error(why);
    const spawned = this.machine.spawn({ path: name, args });
    if ('refused' in spawned) throw new Error(spawned.refused);
    return spawned.pid;
  }

  /** Gives turns, and time to deadlines, until `isDone` or nothing can go on. @returns whether it is done. */
  runUntil(isDone: () => boolean): boolean {
    for (let turns = 0; turns < 100_000; turns++) {
      if (isDone()) return true;
      const { hasMore, nextDeadline } = this.machine.run(8000);
      this.#showOutput();
      if (hasMore) continue;
      if (isDone()) return true;
      if (nextDeadline === Infinity) return false;
      this.host.now = Math.max(this.host.now, nextDeadline);
    }
    throw new Error('100,000 turns were not enough');
  }

  /** Runs until every process has ended or waits for something that cannot come. */
  runAll(): void {
    this.runUntil(() => false);
  }

  /** Runs one script to its end. */
  run(source: string, args: readonly string[] = []): Pid {
    const pid = this.spawn(source, args);
    if (!this.runUntil(() => this.host.exits.has(pid))) throw new Error(`process ${pid} waits`);
    return pid;
  }

  /** What is open: empty when nothing is left over. */
  leftOver(): Record<string, number> {
    const { processes, sockets, timers, parked, lookups, tunnelStreams } = this.machine.census();
    const counts = { processes, sockets, timers, parked, lookups, tunnelStreams };
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
  }

  #showOutput(): void {
    for (const [pid, bytes] of this.host.unshown) this.machine.acknowledgeOutput(pid, bytes);
    this.host.unshown.clear();
  }
}

// What processes printed in one turn, as text for the page: in order, joined, bounded.
import { OUTPUT_TURN_BYTES } from './limits.ts';
import type { OutputStream } from './machine.ts';
import type { Pid, WorkerMessage } from '../protocol.ts';

type OutputMessage = Extract<WorkerMessage, { kind: 'output' }>;

interface Run {
  readonly pid: Pid;
  readonly stream: OutputStream;
  text: string;
  bytes: number;
  dropped: number;
}

const newDecoder = (): TextDecoder => new TextDecoder('utf-8', { ignoreBOM: true });

/** One decoder a stream: a character cut in two by a write waits for its rest; what is no UTF-8 becomes U+FFFD. */
class Console {
  readonly decoders: Record<OutputStream, TextDecoder> = { 1: newDecoder(), 2: newDecoder() };
  bytesThisTurn = 0;
}

export class OutputBatch {
  readonly #consoles = new Map<Pid, Console>();
  #runs: Run[] = [];

  /** Takes a copy of `bytes` as text. */
  add(pid: Pid, stream: OutputStream, bytes: Uint8Array): void {
    const console = this.#console(pid);
    const run = this.#run(pid, stream);
    const room = Math.max(0, OUTPUT_TURN_BYTES - console.bytesThisTurn);
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
    console.bytesThisTurn += kept.length;
    run.bytes += bytes.length;
    run.dropped += bytes.length - kept.length;
    run.text += console.decoders[stream].decode(kept, { stream: true });
  }

  /** The process ended: half a character has no rest to wait for. */
  end(pid: Pid): void {
    const console = this.#consoles.get(pid);
    if (!console) return;
    for (const stream of [1, 2] as const) {
      const rest = console.decoders[stream].decode();
      if (rest !== '') this.#run(pid, stream).text += rest;
    }
    this.#consoles.delete(pid);
  }

  /** The messages of the turn that is over; the next one begins empty. */
  take(): OutputMessage[] {
    const runs = this.#runs;
    if (runs.length === 0) return [];
    this.#runs = [];
    for (const console of this.#consoles.values()) console.bytesThisTurn = 0;
    return runs.map(({ pid, stream, text, bytes, dropped }) => ({
      kind: 'output',
      pid,
      stream: stream === 1 ? 'stdout' : 'stderr',
      text,
      bytes,
      dropped,
    }));
  }

  #console(pid: Pid): Console {
    let console = this.#consoles.get(pid);
    if (!console) this.#consoles.set(pid, (console = new Console()));
    return console;
  }

  // Output that follows on output of the same stream joins it.
  #run(pid: Pid, stream: OutputStream): Run {
    const last = this.#runs.at(-1);
    if (last?.pid === pid && last.stream === stream) return last;
    const run: Run = { pid, stream, text: '', bytes: 0, dropped: 0 };
    this.#runs.push(run);
    return run;
  }
}

// The page's end of the worker: sends messages, pairs answers with asks, hands the rest to whoever listens.

import type { Census, Dialect, PageMessage, Pid, WorkerMessage } from '../protocol.ts';

/** The part of a Worker that is used; a test brings its own. */
export interface WorkerLike {
  postMessage(message: PageMessage): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<WorkerMessage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** Which machine is downloaded: most projects need no dialect but luasocket, and it is half the size. */
export type MachineKind = 'luasocket' | 'all';

export interface MachineFiles {
  readonly wasmUrl: string;
  readonly glueUrl: string;
}

export type RunAnswer =
  | { readonly kind: 'started'; readonly pid: Pid }
  | { readonly kind: 'refused'; readonly message: string };

export interface CheckAnswer {
  readonly line: number | null;
  readonly message: string;
}

/** One worker with one machine. After `dispose` every open ask is answered with a refusal or dropped. */
export class MachineClient {
  readonly #worker: WorkerLike;
  readonly #asks = new Map<number, (answer: WorkerMessage) => void>();
  readonly #listeners = new Set<(message: WorkerMessage) => void>();
  // What came before anybody listened.
  #early: WorkerMessage[] = [];
  #nextRequest = 1;

  constructor(worker: WorkerLike, files: MachineFiles) {
    this.#worker = worker;
    worker.onmessage = (event) => this.#handleMessage(event.data);
    worker.onerror = (event) =>
      this.#handleMessage({
        kind: 'crashed',
        message: event.message || 'the worker could not be started',
      });
    this.send({ kind: 'boot', ...files });
  }

  onMessage(listener: (message: WorkerMessage) => void): () => void {
    this.#listeners.add(listener);
    for (const message of this.#early.splice(0)) listener(message);
    return () => this.#listeners.delete(listener);
  }

  send(message: PageMessage): void {
    this.#worker.postMessage(message);
  }

  /** `onAnswer` is called as the answer arrives, so before any output of the process. */
  run(
    file: {
      readonly path: string;
      readonly args: readonly string[];
      readonly dialect: Dialect;
      readonly lua51: boolean;
    },
    onAnswer: (answer: RunAnswer) => void,
  ): void {
    this.#send(
      (request) => ({ kind: 'run', request, ...file }),
      (answer) => {
        if (answer.kind === 'started') onAnswer({ kind: 'started', pid: answer.pid });
        else
          onAnswer({ kind: 'refused', message: answer.kind === 'refused' ? answer.message : '' });
      },
    );
  }

  async check(path: string, text: string): Promise<CheckAnswer> {
    const answer = await this.#ask((request) => ({ kind: 'check', request, path, text }));
    return answer.kind === 'checked' ? answer : { line: null, message: '' };
  }

  async census(): Promise<Census | null> {
    const answer = await this.#ask((request) => ({ kind: 'census', request }));
    return answer.kind === 'census' ? answer.census : null;
  }

  async readFile(path: string): Promise<Uint8Array | null> {
    const answer = await this.#ask((request) => ({ kind: 'read-file', request, path }));
    return answer.kind === 'file' ? answer.bytes : null;
  }

  dispose(): void {
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    this.#worker.terminate();
    this.#listeners.clear();
    for (const [request, answer] of this.#asks) answer({ kind: 'refused', request, message: '' });
    this.#asks.clear();
  }

  #ask(make: (request: number) => PageMessage): Promise<WorkerMessage> {
    return new Promise((resolve) => this.#send(make, resolve));
  }

  #send(make: (request: number) => PageMessage, answer: (message: WorkerMessage) => void): void {
    const request = this.#nextRequest++;
    this.#asks.set(request, answer);
    this.send(make(request));
  }

  #handleMessage(message: WorkerMessage): void {
    if ('request' in message) {
      const answer = this.#asks.get(message.request);
      this.#asks.delete(message.request);
      answer?.(message);
    }
    if (this.#listeners.size === 0) this.#early.push(message);
    for (const listener of [...this.#listeners]) listener(message);
  }
}

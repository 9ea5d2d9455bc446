// The tunnel's pipes as WebSockets: the browser's own, or in Node any object of the same shape.
import { BACKLOG_POLL_MS } from './limits.ts';
import type { UplinkHost } from './machine.ts';

/** The part of a WebSocket that a pipe needs, such that the browser's and `ws` both fit. */
export interface PipeSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Begins to open a WebSocket; throws when the address is none. */
export type OpenSocket = (url: string, protocols: string[]) => PipeSocket;

/** What the uplink tells; never inside a call of the machine's. */
export interface PipeEvents {
  onOpen(pipe: number, protocol: string): void;
  onMessage(pipe: number, message: Uint8Array): void;
  onDrained(pipe: number): void;
  onClosed(pipe: number, code: number, reason: string): void;
}

/** The close code for a connection that never was, or broke off without a word. */
const ABNORMAL = 1006;

function messageOf(event: unknown): string {
  if (typeof event !== 'object' || event === null || !('message' in event)) return '';
  return typeof event.message === 'string' ? event.message : '';
}

export class Uplink implements UplinkHost {
  readonly #openSocket: OpenSocket;
  readonly #events: PipeEvents;
  readonly #sockets = new Map<number, PipeSocket>();
  /** Pipes whose room was denied, with the limit asked for. */
  readonly #crowded = new Map<number, number>();
  #poll: ReturnType<typeof setInterval> | null = null;

  constructor(openSocket: OpenSocket, events: PipeEvents) {
    this.#openSocket = openSocket;
    this.#events = events;
  }

  open(pipe: number, url: string, protocols: string): void {
    const wanted = protocols === '' ? [] : protocols.split(',').map((name) => name.trim());
    let socket: PipeSocket;
    try {
      socket = this.#openSocket(url, wanted);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'not an address';
      setTimeout(() => this.#events.onClosed(pipe, ABNORMAL, why));
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.#sockets.set(pipe, socket);
    socket.onopen = () => this.#events.onOpen(pipe, socket.protocol);
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (data instanceof ArrayBuffer) this.#events.onMessage(pipe, new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
      if (this.#forget(pipe)) this.#events.onClosed(pipe, code, reason || failure);
    };
    // A close always follows; browsers say no more than that, ws says why.
    let failure = '';
    socket.onerror = (event: unknown) => (failure = messageOf(event));
  }

  send(pipe: number, message: Uint8Array<ArrayBuffer>): void {
    this.#sockets.get(pipe)?.send(message);
  }

  hasRoom(pipe: number, limit: number): boolean {
    if (this.#unsent(pipe) < limit) return true;
    this.#crowded.set(pipe, limit);
    // No event says that bufferedAmount fell, so it is looked at while somebody waits for that.
    this.#poll ??= setInterval(() => this.#lookForRoom(), BACKLOG_POLL_MS);
    return false;
  }

  close(pipe: number): void {
    const socket = this.#sockets.get(pipe);
    this.#forget(pipe);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** Closes every pipe without telling anybody. */
  dispose(): void {
    for (const pipe of [...this.#sockets.keys()]) this.close(pipe);
  }

  #unsent(pipe: number): number {
    return this.#sockets.get(pipe)?.bufferedAmount ?? 0;
  }

  #forget(pipe: number): boolean {
    this.#crowded.delete(pipe);
    this.#endIdlePoll();
    return this.#sockets.delete(pipe);
  }

  #lookForRoom(): void {
    for (const [pipe, limit] of [...this.#crowded]) {
      if (this.#unsent(pipe) >= limit) continue;
      this.#crowded.delete(pipe);
      this.#events.onDrained(pipe);
    }
    this.#endIdlePoll();
  }

  #endIdlePoll(): void {
    if (this.#crowded.size > 0 || this.#poll === null) return;
    clearInterval(this.#poll);
    this.#poll = null;
  }
}

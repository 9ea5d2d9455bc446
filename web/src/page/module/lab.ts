// The TCP/UDP lab's thinking: a test server that is a Lua process in the machine's network, what it got and sent, and the
// rules by which it answers. No DOM.

import { BoundedList, type Numbered } from './bounded-list.ts';
import { fromHex, toHex } from './bytes.ts';
import { answerOf, type LabRule } from './lab-rules.ts';
import { limits } from '../limits.ts';
import type { Tool, ToolEvents } from '../workbench.ts';

export type LabKind = 'tcp' | 'udp';

/** `tab`: the network inside this tab. `real`: every address, so the proxy publishes a port where it may. */
export type LabPlace = 'tab' | 'real';

export type LabPhase =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening' }
  | {
      readonly kind: 'open';
      readonly protocol: LabKind;
      readonly place: LabPlace;
      readonly port: number;
    }
  | { readonly kind: 'failed'; readonly why: string };

/** How a client left: closed by it, by us, reset by us, with the whole server, or an error's own words. */
export type LeaveReason = 'there' | 'here' | 'reset' | 'server' | (string & {});

export interface LabClient {
  readonly id: number;
  readonly peer: string;
  readonly since: number;
  readonly received: number;
  readonly sent: number;
  /** Pieces that wait for the connection to take them. */
  readonly waiting: number;
}

/** Something that happened, at a wall-clock time in milliseconds. */
export type LabRecord = { readonly time: number; readonly client: number } & (
  | { readonly kind: 'in' | 'out'; readonly bytes: Uint8Array; readonly byRule: boolean }
  | { readonly kind: 'came'; readonly peer: string }
  | { readonly kind: 'left'; readonly why: LeaveReason }
);

export interface LabParts {
  readonly runTool: (
    file: { readonly path: string; readonly text: string; readonly args: readonly string[] },
    events: ToolEvents,
  ) => Promise<Tool | string>;
  /** The text of lab.lua. */
  readonly script: string;
  readonly now: () => number;
}

interface Outbox {
  readonly pieces: Uint8Array[];
  onTheWay: number;
}

const weigh = (record: LabRecord): number => ('bytes' in record ? record.bytes.length : 0);

export class Lab {
  readonly #parts: LabParts;
  readonly records = new BoundedList<LabRecord>(
    { count: limits.labRecords, weight: limits.labBytes },
    weigh,
  );
  readonly #clients = new Map<number, LabClient>();
  readonly #outboxes = new Map<number, Outbox>();
  readonly #listeners = new Set<() => void>();
  #phase: LabPhase = { kind: 'closed' };
  #rules: readonly LabRule[] = [];
  #tool: Tool | null = null;
  #unfinished = '';
  #nextId = 1;
  #opening = 0;

  constructor(parts: LabParts) {
    this.#parts = parts;
  }

  get phase(): LabPhase {
    return this.#phase;
  }

  /** The process the server is; null while none runs. */
  get pid(): number | null {
    return this.#tool?.pid ?? null;
  }

  get clients(): readonly LabClient[] {
    return [...this.#clients.values()];
  }

  get rules(): readonly LabRule[] {
    return this.#rules;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setRules(rules: readonly LabRule[]): void {
    this.#rules = rules.slice(0, limits.labRules);
    this.#tell();
  }

  async open(wish: {
    readonly protocol: LabKind;
    readonly place: LabPlace;
    readonly port: number;
  }): Promise<void> {
    this.close();
    const opening = ++this.#opening;
    this.#setPhase({ kind: 'opening' });
    const { protocol, place, port } = wish;
    const host = place === 'tab' ? '127.0.0.1' : '*';
    const isCurrent = (): boolean => opening === this.#opening;
    const tool = await this.#parts.runTool(
      {
        path: 'lab.lua',
        text: this.#parts.script,
        args: [protocol, host, String(port), String(limits.labClients)],
      },
      {
        onOutput: (text) => {
          if (isCurrent()) this.#handleOutput(text, { protocol, place });
        },
        onExit: () => {
          if (isCurrent()) this.#handleExit();
        },
      },
    );
    if (typeof tool === 'string') {
      if (isCurrent()) this.#setPhase({ kind: 'failed', why: tool });
      return;
    }
    if (!isCurrent()) {
      tool.send('quit\n');
      return;
    }
    // It may have ended before the answer was heard.
    if (this.#phase.kind === 'opening' || this.#phase.kind === 'open') this.#tool = tool;
    this.#tell();
  }

  /** Closes the server and every connection. */
  close(): void {
    this.#opening++;
    this.#tool?.send('quit\n');
    this.#forgetAll();
    this.#setPhase({ kind: 'closed' });
  }

  /** Sends to one client, or to all (null). */
  send(to: number | null, bytes: Uint8Array): void {
    const ids = to === null ? [...this.#clients.keys()] : [to];
    for (const id of ids) this.#send(id, bytes, false);
    this.#tell();
  }

  closeClient(id: number): void {
    this.#tool?.send(`close ${String(id)}\n`);
  }

  /** Ends a connection as a crash does: the peer sees a reset. */
  resetClient(id: number): void {
    this.#tool?.send(`reset ${String(id)}\n`);
  }

  clearRecords(): void {
    this.records.clear();
    this.#tell();
  }

  #send(id: number, bytes: Uint8Array, byRule: boolean): void {
    const outbox = this.#outboxes.get(id);
    if (!outbox || bytes.length === 0) return;
    this.records.add([{ time: this.#parts.now(), client: id, kind: 'out', bytes, byRule }]);
    for (let at = 0; at < bytes.length; at += limits.labCommandBytes)
      outbox.pieces.push(bytes.subarray(at, at + limits.labCommandBytes));
    this.#change(id, (client) => ({ ...client, sent: client.sent + bytes.length }));
    this.#pour(id);
  }

  // Hands pieces on while not too many are on the way.
  #pour(id: number): void {
    const outbox = this.#outboxes.get(id);
    if (!outbox) return;
    while (outbox.onTheWay < limits.labCommandsAhead) {
      const piece = outbox.pieces.shift();
      if (!piece) break;
      outbox.onTheWay++;
      this.#tool?.send(`send ${String(id)} ${String(this.#nextId++)} ${toHex(piece, '')}\n`);
    }
    const waiting = outbox.onTheWay + outbox.pieces.length;
    this.#change(id, (client) => ({ ...client, waiting }));
  }

  #handleOutput(
    text: string,
    wish: { readonly protocol: LabKind; readonly place: LabPlace },
  ): void {
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#handleLine(line, wish);
    this.#tell();
  }

  #handleLine(line: string, wish: { readonly protocol: LabKind; readonly place: LabPlace }): void {
    const [verb, ...words] = line.split(' ');
    const id = Number(words[0]);
    const time = this.#parts.now();
    switch (verb) {
      case 'listening':
        this.#setPhase({ kind: 'open', ...wish, port: Number(words[1]) });
        break;
      case 'failed':
        this.#setPhase({ kind: 'failed', why: words.join(' ') });
        break;
      case 'came': {
        const peer = `${words[1] ?? ''}:${words[2] ?? ''}`;
        this.#clients.set(id, { id, peer, since: time, received: 0, sent: 0, waiting: 0 });
        this.#outboxes.set(id, { pieces: [], onTheWay: 0 });
        this.records.add([{ time, client: id, kind: 'came', peer }]);
        break;
      }
      case 'data':
        this.#handleData(id, fromHex(words[1] ?? '') ?? new Uint8Array(), time);
        break;
      case 'sent': {
        const outbox = this.#outboxes.get(id);
        if (outbox) outbox.onTheWay--;
        this.#pour(id);
        break;
      }
      case 'left':
        this.#clients.delete(id);
        this.#outboxes.delete(id);
        this.records.add([{ time, client: id, kind: 'left', why: words.slice(1).join(' ') }]);
        break;
      default:
        break; // an error's traceback: the exit says that it ended
    }
  }

  #handleData(id: number, bytes: Uint8Array, time: number): void {
    this.records.add([{ time, client: id, kind: 'in', bytes, byRule: false }]);
    this.#change(id, (client) => ({ ...client, received: client.received + bytes.length }));
    const act = answerOf(this.#rules, bytes, Math.floor(time / 1000));
    if (act?.kind === 'send') this.#send(id, act.bytes, true);
    else if (act?.kind === 'close') this.closeClient(id);
    else if (act?.kind === 'reset') this.resetClient(id);
  }

  #handleExit(): void {
    this.#forgetAll();
    if (this.#phase.kind !== 'failed') this.#setPhase({ kind: 'closed' });
  }

  #forgetAll(): void {
    const time = this.#parts.now();
    for (const id of this.#clients.keys())
      this.records.add([{ time, client: id, kind: 'left', why: 'server' }]);
    this.#clients.clear();
    this.#outboxes.clear();
    this.#tool = null;
    this.#unfinished = '';
  }

  #change(id: number, change: (client: LabClient) => LabClient): void {
    const client = this.#clients.get(id);
    if (client) this.#clients.set(id, change(client));
  }

  #setPhase(phase: LabPhase): void {
    this.#phase = phase;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export type ShownLabRecord = LabRecord & Numbered;

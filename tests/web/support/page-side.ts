// The page's end of a MachineServer: what it sent and got, with waiting for the message one expects.
import { WebSocket } from 'ws';

import type { PageMessage, Pid, WorkerMessage } from '../../../web/src/protocol.ts';
import { steadyMicros } from '../../../web/src/worker/clock.ts';
import type { MachineOptions } from '../../../web/src/worker/machine.ts';
import { type MachineMessage, MachineServer } from '../../../web/src/worker/machine-server.ts';
import type { Scheduler } from '../../../web/src/worker/pump.ts';
import { newModule } from './machine.ts';

/** How long a test waits for a message before it says which one did not come. */
const PATIENCE_MS = 10_000;

const scheduler: Scheduler = {
  soon: (run) => void setImmediate(run),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  now: steadyMicros,
};

type Of<Kind extends WorkerMessage['kind']> = Extract<WorkerMessage, { kind: Kind }>;

/** A message as the page asks it, without the request number. */
type Asked =
  Extract<PageMessage, { request: number }> extends infer Message
    ? Message extends { request: number }
      ? Omit<Message, 'request'>
      : never
    : never;

interface Expectation {
  readonly matches: (message: WorkerMessage) => boolean;
  readonly resolve: () => void;
}

export class PageSide {
  readonly server: MachineServer;
  /** Everything the worker told, in order. */
  readonly received: WorkerMessage[] = [];
  /** Whether output counts as shown at once, as a page that keeps up does. */
  showsOutput = true;
  readonly #text = new Map<string, string>();
  #expectations: Expectation[] = [];
  #requests = 0;

  private constructor(server: (page: PageSide) => MachineServer) {
    this.server = server(this);
  }

  static async open(machine: MachineOptions = {}): Promise<PageSide> {
    const module = await newModule();
    return new PageSide(
      (page) =>
        new MachineServer({
          module,
          post: (message) => page.#handle(structuredClone(message)),
          scheduler,
          openSocket: (url, protocols) => new WebSocket(url, protocols),
          machine,
        }),
    );
  }

  send(message: MachineMessage): void {
    this.server.handle(message);
  }

  /** Sends a request and waits for its answer. */
  async ask(message: Asked): Promise<Extract<WorkerMessage, { request: number }>> {
    const request = ++this.#requests;
    const answer = this.next((told) => 'request' in told && told.request === request);
    this.send({ ...message, request });
    return (await answer) as Extract<WorkerMessage, { request: number }>;
  }

  /** Puts one script into the project and starts it. */
  async run(source: string, path = 'test.lua', args: readonly string[] = []): Promise<Pid> {
    this.files[path] = source;
    this.send({ kind: 'put-files', files: this.files });
    const answer = await this.ask({ kind: 'run', path, args, dialect: 'luasocket' });
    if (answer.kind !== 'started') throw new Error(JSON.stringify(answer));
    return answer.pid;
  }
  readonly files: Record<string, string> = {};

  /** The next message that matches; rejects when none comes. */
  async next(
    matches: (message: WorkerMessage) => boolean,
    what = 'a message',
  ): Promise<WorkerMessage> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const last = this.received
          .slice(-5)
          .map((message) => JSON.stringify(message).slice(0, 200));
        reject(new Error(`waited in vain for ${what}; the last were\n${last.join('\n')}`));
      }, PATIENCE_MS);
      this.#expectations.push({
        matches,
        resolve: () => {
          clearTimeout(timer);
          resolve(this.received.at(-1)!);
        },
      });
    });
  }

  /** The next message of a kind. */
  async nextOf<Kind extends WorkerMessage['kind']>(
    kind: Kind,
    matches: (message: Of<Kind>) => boolean = () => true,
  ): Promise<Of<Kind>> {
    const found = await this.next((told) => told.kind === kind && matches(told as Of<Kind>), kind);
    return found as Of<Kind>;
  }

  /** Waits until a process has printed something, perhaps before this call. */
  async printed(
    pid: Pid,
    text: string | RegExp,
    stream: 'stdout' | 'stderr' = 'stdout',
  ): Promise<void> {
    const has = (): boolean => {
      const all = this.text(pid, stream);
      return typeof text === 'string' ? all.includes(text) : text.test(all);
    };
    if (!has()) await this.next(has, `${String(text)} from process ${pid}: ${this.text(pid)}`);
  }

  /** Waits until a process has ended, perhaps before this call. */
  async exited(pid: Pid): Promise<Of<'exited'>> {
    const ended = this.received.find((told) => told.kind === 'exited' && told.pid === pid);
    return (ended ?? (await this.nextOf('exited', (told) => told.pid === pid))) as Of<'exited'>;
  }

  /** All that a process printed. */
  text(pid: Pid, stream: 'stdout' | 'stderr' = 'stdout'): string {
    return this.#text.get(`${pid}/${stream}`) ?? '';
  }

  close(): void {
    this.server.dispose();
  }

  #handle(message: WorkerMessage): void {
    this.received.push(message);
    if (message.kind === 'output') {
      const name = `${message.pid}/${message.stream}`;
      this.#text.set(name, (this.#text.get(name) ?? '') + message.text);
      if (this.showsOutput) {
        const { pid, bytes } = message;
        setImmediate(() => this.send({ kind: 'shown', pid, bytes }));
      }
    }
    const met = this.#expectations.filter((expectation) => expectation.matches(message));
    this.#expectations = this.#expectations.filter((expectation) => !met.includes(expectation));
    for (const expectation of met) expectation.resolve();
  }
}

// A scripted stand-in for the worker: enough of an echo server, its clients and a few oddities to work on the page
// without a machine, and to test the workbench by hand-made messages. It never ships.

import { FakeModule } from './fake-module.ts';
import type { Listener, PageMessage, Pid, WorkerMessage } from '../../../web/src/protocol.ts';

interface FakeProcess {
  readonly pid: Pid;
  readonly path: string;
  readonly number: number;
  timer?: ReturnType<typeof setInterval>;
}

export class FakeMachine {
  readonly #tell: (message: WorkerMessage) => void;
  readonly #processes = new Map<Pid, FakeProcess>();
  readonly #module: FakeModule;
  #listeners: Listener[] = [];
  #nextPid = 1;
  #clients = 0;

  constructor(tell: (message: WorkerMessage) => void) {
    this.#tell = tell;
    this.#module = new FakeModule(tell, (pid, text) => this.#say(pid, text));
  }

  handle(message: PageMessage): void {
    switch (message.kind) {
      case 'boot':
        this.#tell({ kind: 'ready', luaVersion: 'Lua 5.4.4' });
        break;
      case 'run':
        this.#run(message);
        break;
      case 'stop':
        this.#exit(message.pid, 143, 'stopped');
        break;
      case 'stdin':
        this.#typed(message.pid, message.text.trimEnd());
        break;
      case 'stdin-end':
        this.#exit(message.pid, 0, 'finished');
        break;
      case 'check': {
        const wrong = message.text.split('\n').findIndex((line) => /=\s*$/.test(line));
        this.#tell({
          kind: 'checked',
          request: message.request,
          line: wrong < 0 ? null : wrong + 1,
          message: wrong < 0 ? '' : "unexpected symbol near '<eof>'",
        });
        break;
      }
      case 'tunnel':
        break; // the test says what becomes of it
      case 'census': {
        const census = {
          processes: this.#processes.size,
          sockets: 0,
          timers: 0,
          parked: 0,
          memoryBytes: 0,
        };
        this.#tell({ kind: 'census', request: message.request, census });
        break;
      }
      case 'read-file':
        this.#tell({ kind: 'file', request: message.request, bytes: null });
        break;
      case 'module':
        this.#module.obey(message.action);
        break;
      case 'put-files':
      case 'shown':
      case 'watch-wire':
      case 'shut-door':
        break;
    }
  }

  #run(message: PageMessage & { kind: 'run' }): void {
    const isClient = message.path.includes('client');
    if (isClient) this.#clients++;
    const process: FakeProcess = {
      pid: this.#nextPid++,
      path: message.path,
      number: this.#clients,
    };
    this.#processes.set(process.pid, process);
    this.#tell({ kind: 'started', request: message.request, pid: process.pid });
    if (message.dialect === 'luat') this.#module.start(process.pid);
    else if (isClient) {
      this.#say(process.pid, 'Press enter after input something:\n');
      this.#tell({ kind: 'reading', pid: process.pid, waits: true });
    } else if (message.path.includes('server')) {
      this.#say(process.pid, 'Server Start 127.0.0.1:12345\n');
      this.#listeners.push({
        pid: process.pid,
        kind: 'tcp',
        address: '127.0.0.1',
        port: 12345,
        published: '192.168.1.20:40122',
      });
      this.#tell({ kind: 'listeners', listeners: this.#listeners });
    } else if (message.path.includes('colour')) {
      this.#say(process.pid, '\x1b[1;32mgreen\x1b[0m and \x1b[38;5;208morange\x1b[0m\n');
      this.#say(
        process.pid,
        `lua: ${message.path}:3: attempt to index a nil value\nstack traceback:\n\t[C]: in ?\n`,
        'stderr',
      );
      this.#exit(process.pid, 1, 'error');
    } else if (message.path.includes('flood')) {
      process.timer = setInterval(
        () => this.#say(process.pid, 'flood '.repeat(10).concat('\n').repeat(2000)),
        5,
      );
    } else this.#exit(process.pid, 0, 'finished');
  }

  #say(pid: Pid, text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    this.#tell({ kind: 'output', pid, stream, text, bytes: text.length, dropped: 0 });
  }

  #typed(pid: Pid, line: string): void {
    const process = this.#processes.get(pid);
    if (process) this.#say(pid, `Client ${process.number} Send : ${line}\n`);
  }

  #exit(pid: Pid, status: number, reason: 'finished' | 'error' | 'stopped'): void {
    const process = this.#processes.get(pid);
    if (!process) return;
    if (process.timer) clearInterval(process.timer);
    this.#processes.delete(pid);
    this.#module.stop();
    this.#tell({ kind: 'exited', pid, status, reason });
    this.#listeners = this.#listeners.filter((listener) => listener.pid !== pid);
    this.#tell({ kind: 'listeners', listeners: this.#listeners });
  }
}

// nc, as somebody at a terminal uses it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export class Nc {
  readonly #child: ChildProcess;
  #heard = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#heard += text));
  }

  /** Connects to HOST:PORT. */
  static to(address: string): Nc {
    const colon = address.lastIndexOf(':');
    return new Nc(spawn('nc', [address.slice(0, colon), address.slice(colon + 1)]));
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** What it printed so far. */
  get heard(): string {
    return this.#heard;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

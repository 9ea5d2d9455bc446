// Ours: the machine as the page's worker serves it, with a real tunnel.
import { steadyMicros } from '../../web/src/worker/clock.ts';
import { MachineServer } from '../../web/src/worker/machine-server.ts';
import { channelScheduler } from '../../web/src/worker/pump.ts';
import type { WorkerMessage } from '../../web/src/protocol.ts';
import { loadMachine } from './load-machine.ts';
import type { Answer, EchoTask } from './task.ts';

declare const self: typeof globalThis & {
  onmessage: ((event: { readonly data: EchoTask }) => void) | null;
  postMessage(answer: Answer): void;
};

/** The requests' numbers. */
const ECHO = 1;
const BESIDE = 2;

async function run(task: EchoTask): Promise<Answer> {
  const module = await loadMachine();
  return await new Promise((resolve) => {
    const output = { echo: '', beside: '' };
    let phase: 'opening' | 'beside' | 'echo' = 'opening';
    const start = (next: 'beside' | 'echo', args: readonly string[]): void => {
      phase = next;
      const request = next === 'echo' ? ECHO : BESIDE;
      server.handle({ kind: 'run', request, path: `${next}.lua`, args, dialect: 'luasocket' });
    };
    const startEcho = (): void => {
      const { port, roundTrips, batch, quantile } = task;
      start('echo', ['proxy.internal', ...[port, roundTrips, batch, quantile].map(String)]);
    };
    let echoPid = -1;
    const hear = (message: WorkerMessage): void => {
      if (message.kind === 'started' && message.request === ECHO) echoPid = message.pid;
      if (message.kind === 'output') {
        output[message.pid === echoPid ? 'echo' : 'beside'] += message.text;
        if (phase === 'beside' && output.beside.startsWith('ready')) startEcho();
      }
      if (message.kind === 'tunnel' && message.state.phase === 'open' && phase === 'opening') {
        if (task.beside === undefined) startEcho();
        else start('beside', task.beside.args);
      }
      if (message.kind !== 'exited') return;
      server.dispose();
      const micros = Number(output.echo.trim());
      const isWell = message.pid === echoPid && message.status === 0;
      resolve(isWell ? { ms: micros / 1000 } : { error: output.beside + output.echo });
    };
    const server = new MachineServer({
      module,
      post: (message) => {
        queueMicrotask(() => {
          hear(message);
        });
      },
      scheduler: channelScheduler(steadyMicros),
      openSocket: (url, protocols) => new WebSocket(url, protocols),
    });
    const beside = task.beside?.source ?? '';
    server.handle({ kind: 'put-files', files: { 'echo.lua': task.source, 'beside.lua': beside } });
    server.handle({ kind: 'tunnel', url: task.url });
  });
}

self.onmessage = (event: { readonly data: EchoTask }) => {
  void run(event.data).then((answer) => {
    self.postMessage(answer);
  });
};

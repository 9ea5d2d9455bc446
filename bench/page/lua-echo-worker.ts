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

async function run(task: EchoTask): Promise<Answer> {
  const module = await loadMachine();
  return await new Promise((resolve) => {
    let output = '';
    let started = false;
    const hear = (message: WorkerMessage): void => {
      if (message.kind === 'output') output += message.text;
      if (message.kind === 'tunnel' && message.state.phase === 'open' && !started) {
        started = true;
        const args = ['proxy.internal', String(task.port), String(task.roundTrips)];
        server.handle({ kind: 'run', request: 1, path: 'main.lua', args, dialect: 'luasocket' });
      }
      if (message.kind !== 'exited') return;
      server.dispose();
      const micros = Number(output.trim().split(/\s+/).at(-1));
      resolve(message.status === 0 ? { ms: micros / 1000 } : { error: output });
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
    server.handle({ kind: 'put-files', files: { 'main.lua': task.source } });
    server.handle({ kind: 'tunnel', url: task.url });
  });
}

self.onmessage = (event: { readonly data: EchoTask }) => {
  void run(event.data).then((answer) => {
    self.postMessage(answer);
  });
};

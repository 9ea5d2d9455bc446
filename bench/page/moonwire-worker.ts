// Ours: the machine as the page's worker runs it (same calls, same turns), one fresh machine per task.
import { Machine } from '../../web/src/worker/machine.ts';
import { channelScheduler, Pump } from '../../web/src/worker/pump.ts';
import { loadMachine } from './load-machine.ts';
import type { Answer, KernelTask } from './task.ts';

declare const self: typeof globalThis & {
  onmessage: ((event: { readonly data: KernelTask }) => void) | null;
  postMessage(answer: Answer): void;
};

const MICROS = 1000;
const now = (): number => Math.round(performance.now() * MICROS);

const loading = loadMachine();

async function run({ source, preemption }: KernelTask): Promise<Answer> {
  const module = await loading;
  return await new Promise((resolve) => {
    let began = 0;
    let errors = '';
    const machine = new Machine(
      module,
      {
        wallClock: () => Date.now() * MICROS,
        steadyClock: now,
        entropy: (into) => void crypto.getRandomValues(into),
        write: (_pid, stream, bytes) => {
          if (stream === 2) errors += new TextDecoder().decode(bytes.slice());
        },
        exited: (_pid, status) => {
          const ms = performance.now() - began;
          queueMicrotask(() => {
            pump.stop();
            machine.dispose();
            resolve(status === 0 ? { ms } : { error: errors });
          });
        },
        reading: () => undefined,
        doorsChanged: () => undefined,
        tunnelChanged: () => undefined,
        filesChanged: () => undefined,
        uplink: null,
      },
      { preemption },
    );
    const pump = new Pump(channelScheduler(now), {
      run: (budget) => machine.run(budget),
      onTurn: () => undefined,
      onFailure: (error) => {
        resolve({ error: String(error) });
      },
    });
    machine.putFile('/project/main.lua', source, 'writable');
    began = performance.now();
    const spawned = machine.spawn({ path: '/project/main.lua' });
    if ('refused' in spawned) resolve({ error: spawned.refused });
    else pump.wake();
  });
}

self.onmessage = (event: { readonly data: KernelTask }) => {
  void run(event.data).then((answer) => {
    self.postMessage(answer);
  });
};

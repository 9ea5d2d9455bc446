// The worker: loads the machine when the page says where it is, then serves the page's messages in order.
import { steadyMicros } from './clock.ts';
import type { CreateMachine } from './machine.ts';
import { MachineServer } from './machine-server.ts';
import { channelScheduler } from './pump.ts';
import type { PageMessage, WorkerMessage } from '../protocol.ts';

declare const self: DedicatedWorkerGlobalScope;

const post = (message: WorkerMessage): void => self.postMessage(message);

function crash(error: unknown): void {
  post({ kind: 'crashed', message: error instanceof Error ? error.message : String(error) });
}

async function boot(glueUrl: string, wasmUrl: string): Promise<MachineServer> {
  self.importScripts(glueUrl);
  const { createMachine } = self as unknown as { readonly createMachine: CreateMachine };
  const module = await createMachine({ locateFile: () => wasmUrl });
  return new MachineServer({
    module,
    post,
    scheduler: channelScheduler(steadyMicros),
    openSocket: (url, protocols) => new WebSocket(url, protocols),
  });
}

// What comes while the machine loads waits its turn.
let server: MachineServer | null = null;
const early: PageMessage[] = [];

function handle(message: PageMessage): void {
  if (message.kind === 'boot') {
    boot(message.glueUrl, message.wasmUrl).then((booted) => {
      server = booted;
      for (const waiting of early.splice(0)) handle(waiting);
    }, crash);
  } else if (server) {
    server.handle(message);
  } else {
    early.push(message);
  }
}

self.onmessage = (event: MessageEvent<PageMessage>) => handle(event.data);
self.addEventListener('error', (event) => crash(event.error ?? event.message));
self.addEventListener('unhandledrejection', (event) => crash(event.reason));

// The peer: wasmoon as its package ships it, one fresh engine per task.
import type { Answer, KernelTask } from './task.ts';

interface Engine {
  readonly global: { close(): void };
  doStringSync(source: string): unknown;
}

interface Wasmoon {
  readonly LuaFactory: new (wasmUri: string) => { createEngine(): Promise<Engine> };
}

declare const self: typeof globalThis & {
  importScripts(url: string): void;
  readonly wasmoon: Wasmoon;
  onmessage: ((event: { readonly data: KernelTask }) => void) | null;
  postMessage(answer: Answer): void;
};

self.importScripts('/node_modules/wasmoon/dist/index.js');
const factory = new self.wasmoon.LuaFactory(
  new URL('/node_modules/wasmoon/dist/glue.wasm', location.href).href,
);

async function run({ source }: KernelTask): Promise<Answer> {
  const engine = await factory.createEngine();
  try {
    const began = performance.now();
    engine.doStringSync(source);
    return { ms: performance.now() - began };
  } catch (error) {
    return { error: String(error) };
  } finally {
    engine.global.close();
  }
}

self.onmessage = (event: { readonly data: KernelTask }) => {
  void run(event.data).then((answer) => {
    self.postMessage(answer);
  });
};

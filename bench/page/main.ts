// The page that measures: one worker per contender, asked for one kernel at a time.

import type { Answer, Task } from './task.ts';

const workers = {
  moonwire: new Worker('/bench/page/moonwire-worker.ts', { type: 'module' }),
  wasmoon: new Worker('/bench/page/wasmoon-worker.ts'),
};

/** Runs the source once, in a fresh Lua. Returns milliseconds. */
async function measure(contender: keyof typeof workers, task: Task): Promise<number> {
  const worker = workers[contender];
  const answer = await new Promise<Answer>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Answer>) => {
      resolve(event.data);
    };
    worker.onerror = (event) => {
      reject(new Error(event.message));
    };
    worker.postMessage(task);
  });
  if ('error' in answer) throw new Error(`${contender}: ${answer.error}`);
  return answer.ms;
}

Object.assign(globalThis, { measure });

// The page that measures: asks for a task, hands it to the worker of its contender, tells the answer, and asks again.
import type { Answer, Task } from './task.ts';

const workers: Readonly<Record<Task['contender'], Worker>> = {
  moonwire: new Worker('/bench/page/moonwire-worker.ts', { type: 'module' }),
  wasmoon: new Worker('/bench/page/wasmoon-worker.ts'),
  'lua-echo': new Worker('/bench/page/lua-echo-worker.ts', { type: 'module' }),
  'javascript-echo': new Worker('/bench/page/javascript-echo-worker.ts', { type: 'module' }),
};

async function run(task: Task): Promise<Answer> {
  const worker = workers[task.contender];
  return await new Promise<Answer>((resolve) => {
    worker.onmessage = (event: MessageEvent<Answer>) => {
      resolve(event.data);
    };
    worker.onerror = (event) => {
      resolve({ error: event.message });
    };
    worker.postMessage(task);
  });
}

for (;;) {
  const task = (await (await fetch('/task')).json()) as Task;
  const answer = await run(task);
  await fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });
}

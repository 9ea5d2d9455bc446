// What a console asks for, done: the same wherever consoles stand.

import type { Workbench } from './workbench.ts';

/** What one can do with a console's process and its output. */
export type ConsoleAction =
  'stop' | 'restart' | 'copy' | 'clear' | 'copy-output' | 'close' | 'end-input';

/** `copy` takes the text that is to go to the clipboard. */
export function obeyConsole(
  workbench: Workbench,
  id: number,
  action: ConsoleAction,
  copy: (text: string) => void,
): void {
  switch (action) {
    case 'stop':
      workbench.stop(id);
      break;
    case 'restart':
      workbench.restart(id);
      break;
    case 'copy': {
      const console = workbench.state.machine.consoles.find((one) => one.id === id);
      if (console) workbench.runCopy(console.path);
      break;
    }
    case 'clear':
      workbench.scrollbackOf(id).clear();
      break;
    case 'copy-output':
      copy(workbench.scrollbackOf(id).text());
      break;
    case 'close':
      workbench.closeConsole(id);
      break;
    case 'end-input':
      workbench.endInput(id);
      break;
  }
}

// Loads the machine's module in Node: machine.js is CommonJS there, and the wasm is given as bytes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { CreateMachine, MachineModule } from '../worker/machine.ts';

/** @param folder where machine.js and machine.wasm are. */
export async function loadMachine(folder: string): Promise<MachineModule> {
  const require = createRequire(import.meta.url);
  const createMachine = require(join(folder, 'machine.js')) as CreateMachine;
  return await createMachine({ wasmBinary: readFileSync(join(folder, 'machine.wasm')) });
}

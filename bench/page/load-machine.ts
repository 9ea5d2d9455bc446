// The machine as it was built, for a module worker.
import type { CreateMachine, MachineModule } from '../../web/src/worker/machine.ts';

const folder = '/build/wasm/edge/machine-luasocket';

/** A fresh instance. */
export async function loadMachine(): Promise<MachineModule> {
  const glue = await (await fetch(`${folder}.js`)).text();
  // A module worker has no importScripts, and the glue is a classic script.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  const create = new Function(`${glue}; return createMachine;`)() as CreateMachine;
  return await create({ locateFile: () => `${folder}.wasm` });
}

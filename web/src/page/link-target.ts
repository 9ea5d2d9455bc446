// What a link to the open project names: an example that was not changed by its id, anything else with all its files.

import type { LinkTarget } from './address.ts';
import { toSave } from './projects.ts';
import { isSharedId, packShared, toShare } from './sharing.ts';
import type { Workbench } from './workbench.ts';

/** Null when the project is too big for a link. */
export async function targetOf(workbench: Workbench): Promise<LinkTarget | null> {
  const { project, originals, example } = workbench.state;
  const isShipped = example !== null && !isSharedId(example.id);
  if (isShipped && toSave(project, originals) === null) return { example: example.id };
  const paths = new Set(project.files.map(({ path }) => path));
  const run = (example?.header.run ?? []).filter((path) => paths.has(path));
  const code = await packShared(toShare(project, workbench.dialect, run));
  return code === null ? null : { code };
}

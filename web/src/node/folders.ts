// Folders of the disk as the machine sees them: read file by file when a script asks, written back when it changed
// something. Nothing outside them can be reached, by a link neither.
import { mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

import { FILE_BYTES } from './limits.ts';
import type { HostFile } from '../worker/machine.ts';

interface Mount {
  /** The folder in the machine, with a slash at its end. */
  readonly prefix: string;
  readonly folder: string;
  readonly isWritable: boolean;
}

export class Folders {
  readonly #mounts: Mount[] = [];

  /** Shows a folder of the disk at `prefix` ("/project/") in the machine. */
  mount(prefix: string, folder: string, mode: 'read-only' | 'writable'): void {
    this.#mounts.push({ prefix, folder: realpathSync(folder), isWritable: mode === 'writable' });
  }

  /** What stands on the disk at a full path of the machine. */
  find(path: string): HostFile | null {
    const place = this.#place(path);
    if (place === null) return null;
    try {
      const stats = statSync(place.file, { throwIfNoEntry: false });
      if (!stats || !isInside(place)) return null;
      if (stats.isDirectory()) return { kind: 'folder' };
      if (!stats.isFile() || stats.size > FILE_BYTES) return null;
      return { kind: 'file', bytes: readFileSync(place.file), isReadOnly: !place.mount.isWritable };
    } catch {
      return null; // a file that nobody may read is no file
    }
  }

  /** Writes a changed file to the disk, or removes it (null). @returns null, or why it cannot be. */
  write(path: string, bytes: Uint8Array | null): string | null {
    const place = this.#place(path);
    if (!place?.mount.isWritable) return null; // the machine's own, /tmp say
    try {
      if (bytes === null) {
        if (isInside(place)) rmSync(place.file, { force: true });
        return null;
      }
      mkdirSync(dirname(place.file), { recursive: true });
      if (!isInside(place)) return `${place.file}: outside the project`;
      writeFileSync(place.file, bytes);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #place(path: string): Place | null {
    for (const mount of this.#mounts) {
      if (!path.startsWith(mount.prefix)) continue;
      const name = path.slice(mount.prefix.length);
      if (name === '' || name.includes('\0') || name.split('/').includes('..')) return null;
      return { mount, file: join(mount.folder, name) };
    }
    return null;
  }
}

interface Place {
  readonly mount: Mount;
  readonly file: string;
}

// Follows links: where the file is, or will be, must be below the mount's folder.
function isInside({ mount, file }: Place): boolean {
  const below = mount.folder.endsWith(sep) ? mount.folder : mount.folder + sep;
  const real = statSync(file, { throwIfNoEntry: false })
    ? realpathSync(file)
    : join(realpathSync(dirname(file)), 'new');
  return real.startsWith(below);
}

// Keeps changed projects in IndexedDB (it works on plain http), or in memory where the browser gives no storage.

import { isDialect } from './dialect.ts';
import type { ProjectFile, SavedProject, Spellings } from './projects.ts';

export interface FileStore {
  /** Whether files outlive the tab. */
  readonly isLasting: boolean;
  load(id: string): Promise<SavedProject | null>;
  save(project: SavedProject): Promise<void>;
  remove(id: string): Promise<void>;
  /** The projects that were changed. */
  ids(): Promise<readonly string[]>;
}

const databaseName = 'moonwire';
const table = 'projects';

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser’s storage failed'));
  });
}

const isContent = (value: unknown): boolean =>
  typeof value === 'string' || value instanceof Uint8Array;

function isFile(value: unknown): value is ProjectFile {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Partial<Record<keyof ProjectFile, unknown>>;
  return typeof file.path === 'string' && isContent(file.content) && isContent(file.original);
}

const isSpellings = (value: unknown): value is Spellings =>
  value === 'auto' || value === 'on' || value === 'off';

/** What was read from storage, when it still has the form we write. */
export function readSaved(value: unknown): SavedProject | null {
  if (typeof value !== 'object' || value === null) return null;
  const saved = value as Partial<Record<keyof SavedProject, unknown>>;
  if (typeof saved.id !== 'string' || !Array.isArray(saved.files) || !Array.isArray(saved.removed))
    return null;
  if (!saved.files.every(isFile) || !saved.removed.every((path) => typeof path === 'string'))
    return null;
  const { id, files, removed, spellings, dialect, savedAt } = saved;
  return {
    id,
    files,
    removed,
    ...(isSpellings(spellings) ? { spellings } : {}),
    ...(isDialect(dialect) ? { dialect } : {}),
    ...(typeof savedAt === 'number' ? { savedAt } : {}),
  };
}

class IndexedDbStore implements FileStore {
  readonly isLasting = true;
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  async load(id: string): Promise<SavedProject | null> {
    return readSaved(await done(this.#table('readonly').get(id)));
  }

  async save(project: SavedProject): Promise<void> {
    await done(this.#table('readwrite').put(project));
  }

  async remove(id: string): Promise<void> {
    await done(this.#table('readwrite').delete(id));
  }

  async ids(): Promise<readonly string[]> {
    const keys = await done(this.#table('readonly').getAllKeys());
    return keys.filter((key) => typeof key === 'string');
  }

  #table(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(table, mode).objectStore(table);
  }
}

/** Keeps nothing beyond the tab. */
export class MemoryStore implements FileStore {
  readonly isLasting = false;
  readonly #projects = new Map<string, SavedProject>();

  load(id: string): Promise<SavedProject | null> {
    return Promise.resolve(this.#projects.get(id) ?? null);
  }

  save(project: SavedProject): Promise<void> {
    this.#projects.set(project.id, project);
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.#projects.delete(id);
    return Promise.resolve();
  }

  ids(): Promise<readonly string[]> {
    return Promise.resolve([...this.#projects.keys()]);
  }
}

/** Opens the lasting store, or a memory one when there is none. `factory` may throw, as `indexedDB` does in some frames. */
export async function openFileStore(factory: () => IDBFactory): Promise<FileStore> {
  try {
    const request = factory().open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: 'id' });
    const opened = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no storage'));
      request.onblocked = () => reject(new Error('blocked by another tab'));
    });
    // A newer page in another tab may want to change the database.
    opened.onversionchange = () => opened.close();
    return new IndexedDbStore(opened);
  } catch {
    return new MemoryStore();
  }
}

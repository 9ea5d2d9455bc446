// A project: a few files, each with the content it began with. Pure functions; a change makes a new project.

import { limits } from './limits.ts';
import type { Dialect } from '../protocol.ts';

/** Text, or bytes when a file is not UTF-8. */
export type Content = string | Uint8Array;

/** One file. `original` is what "reset" brings back. */
export interface ProjectFile {
  readonly path: string;
  readonly content: Content;
  readonly original: Content;
}

/** Whether processes get the names of Lua 5.1 too: by what their scripts use, or always, or never. */
export type Spellings = 'auto' | 'on' | 'off';

export interface Project {
  readonly id: string;
  readonly files: readonly ProjectFile[];
  readonly spellings: Spellings;
  /** What the person chose for its scripts; null: what the example says. */
  readonly dialect: Dialect | null;
}

/** What the browser keeps of a project that was changed. */
export interface SavedProject {
  readonly id: string;
  readonly files: readonly ProjectFile[];
  /** Originals that were removed, so that they do not come back on reload. */
  readonly removed: readonly string[];
  /** Absent when it is 'auto'. */
  readonly spellings?: Spellings;
  readonly dialect?: Dialect;
  /** Of a project that came with a link: when it was saved, in milliseconds of Unix time. */
  readonly savedAt?: number;
}

/** Why a file's name was refused. */
export type NameProblem = 'empty' | 'long' | 'characters' | 'taken' | 'too-many';

export function sameContent(a: Content, b: Content): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export const isChanged = (file: ProjectFile): boolean => !sameContent(file.content, file.original);

export const fileOf = (project: Project, path: string): ProjectFile | undefined =>
  project.files.find((file) => file.path === path);

export const isLua = (path: string): boolean => path.toLowerCase().endsWith('.lua');

/** The files as they were shipped, in the order given. */
export function fromOriginals(id: string, originals: Readonly<Record<string, string>>): Project {
  const files = Object.entries(originals).map(([path, original]) => ({
    path,
    content: original,
    original,
  }));
  return { id, files, spellings: 'auto', dialect: null };
}

/** Lays what was kept over the originals: kept files win, removed ones stay away, new originals appear. */
export function restore(originals: Project, saved: SavedProject | null): Project {
  if (saved === null) return originals;
  const shipped = new Map(originals.files.map((file) => [file.path, file.original]));
  const kept = saved.files.map((file) => ({
    ...file,
    original: shipped.get(file.path) ?? file.original,
  }));
  const known = new Set([...kept.map((file) => file.path), ...saved.removed]);
  return {
    ...originals,
    files: [...kept, ...originals.files.filter((file) => !known.has(file.path))],
    spellings: saved.spellings ?? 'auto',
    dialect: saved.dialect ?? null,
  };
}

/** What has to be kept of the project; null when it is as shipped. */
export function toSave(project: Project, originals: Project): SavedProject | null {
  const present = new Set(project.files.map((file) => file.path));
  const removed = originals.files.map((file) => file.path).filter((path) => !present.has(path));
  const asShipped =
    project.files.length === originals.files.length &&
    project.files.every((file, at) => file.path === originals.files[at]?.path && !isChanged(file));
  const { id, files, spellings, dialect } = project;
  if (asShipped && spellings === 'auto' && dialect === null) return null;
  return {
    id,
    files,
    removed,
    ...(spellings === 'auto' ? {} : { spellings }),
    ...(dialect === null ? {} : { dialect }),
  };
}

export function setContent(project: Project, path: string, content: Content): Project {
  const files = project.files.map((file) => (file.path === path ? { ...file, content } : file));
  return { ...project, files };
}

export function resetFile(project: Project, path: string): Project {
  const file = fileOf(project, path);
  return file ? setContent(project, path, file.original) : project;
}

/** Adds a file at the end, or gives an existing one the new content. */
export function putFile(project: Project, path: string, content: Content): Project {
  if (fileOf(project, path)) return setContent(project, path, content);
  return { ...project, files: [...project.files, { path, content, original: content }] };
}

export function removeFile(project: Project, path: string): Project {
  return { ...project, files: project.files.filter((file) => file.path !== path) };
}

export function renameFile(project: Project, from: string, to: string): Project {
  const files = project.files.map((file) => (file.path === from ? { ...file, path: to } : file));
  return { ...project, files };
}

// eslint-disable-next-line no-control-regex
const oddCharacters = /[\x00-\x1f\\:*?"<>|]/;

/** Why `path` cannot be a new name in the project; null when it can. */
export function nameProblem(
  project: Project,
  path: string,
  present: string | null = null,
): NameProblem | null {
  if (path === '') return 'empty';
  if (path.length > limits.pathChars) return 'long';
  const parts = path.split('/');
  if (
    parts.some((part) => part === '' || part === '.' || part === '..' || oddCharacters.test(part))
  ) {
    return 'characters';
  }
  if (path !== present && fileOf(project, path)) return 'taken';
  if (present === null && project.files.length >= limits.projectFiles) return 'too-many';
  return null;
}

/** A name that is still free: `name.lua`, `name2.lua`, and so on. */
export function freeName(project: Project, wanted: string): string {
  const dot = wanted.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, ''];
  let name = wanted;
  for (let count = 2; fileOf(project, name); count++) name = `${stem}${count}${ending}`;
  return name;
}

/** Pasted code often opens with its own name (`-- server.lua`); that is the name to offer. */
export function nameInside(text: string): string | null {
  const found = /^\s*--+\s*([\w.-]+\.lua)\s*$/m.exec(text.slice(0, 400));
  return found?.[1] ?? null;
}

/** Text when the bytes are UTF-8 without NUL, else the bytes. */
export function decodeContent(bytes: Uint8Array): Content {
  if (bytes.includes(0)) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

export const sizeOf = (content: Content): number =>
  typeof content === 'string' ? new TextEncoder().encode(content).length : content.length;

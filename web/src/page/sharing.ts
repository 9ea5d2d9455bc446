// A project in an address: its files packed into the part after '#', which no server gets to see. Whatever stands there
// may come from anybody, so reading it is bounded and believes nothing.

import { dialects } from './dialect.ts';
import type { Example } from './example-catalog.ts';
import { readExampleHeader, type ExampleHeader } from './example-header.ts';
import { limits } from './limits.ts';
import { fromOriginals, nameProblem, type Project } from './projects.ts';
import { tables } from './strings.ts';
import type { Dialect } from '../protocol.ts';

/** What a link carries. */
export interface Shared {
  readonly files: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
  /** What "Run project" starts, in order; empty: worked out from the files. */
  readonly run: readonly string[];
}

const prefix = 'shared-';

/** Whether a project came with a link. */
export const isSharedId = (id: string): boolean => id.startsWith(prefix);

/** What of a project goes into a link: its texts. Bytes that are not text stay behind. */
export function toShare(project: Project, dialect: Dialect, run: readonly string[]): Shared {
  const texts = project.files.flatMap(({ path, content }): [string, string][] =>
    typeof content === 'string' ? [[path, content]] : [],
  );
  return { files: Object.fromEntries(texts), dialect, run };
}

/** The shared files as text for an address; null when they are more than an address holds. */
export async function packShared({ files, dialect, run }: Shared): Promise<string | null> {
  const text = JSON.stringify({
    f: files,
    ...(dialect === 'luasocket' ? {} : { d: dialect }),
    ...(run.length === 0 ? {} : { r: run }),
  });
  if (text.length > limits.sharedChars) return null;
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = await readAll(packed, limits.sharedLinkChars);
  if (bytes === null) return null;
  const code = toBase64Url(bytes);
  return code.length > limits.sharedLinkChars ? null : code;
}

/** Reads what packShared wrote; null when it is anything else. */
export async function unpackShared(code: string): Promise<Shared | null> {
  if (code.length > limits.sharedLinkChars) return null;
  try {
    const packed = new Blob([fromBase64Url(code)]).stream();
    const plain = packed.pipeThrough(new DecompressionStream('deflate-raw'));
    const bytes = await readAll(plain, limits.sharedChars * 3);
    return bytes && readShared(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null; // cut off on its way, or never ours
  }
}

/** One script as it stands, percent-encoded by whoever wrote the address: `#lua=print(1)`. */
export function sharedScript(text: string): Shared | null {
  return text.length > limits.sharedChars
    ? null
    : { files: { 'main.lua': text }, dialect: 'luasocket', run: [] };
}

/** What the link carries as an entry of the menu: opened, changed and reset as an example is. */
export function exampleOfShared({ files, dialect, run }: Shared): Example {
  const headers = Object.values(files).flatMap((text) => readExampleHeader(text) ?? []);
  const said = headers.find((header) => header.run.length > 0) ?? headers[0];
  const header: ExampleHeader = {
    title: said?.title ?? { en: tables.en.sharedProject, zh: tables.zh.sharedProject },
    watch: said?.watch ?? { en: tables.en.sharedWatch, zh: tables.zh.sharedWatch },
    proxy: said?.proxy ?? 'optional',
    run: run.length > 0 ? run : (said?.run ?? []),
    module: said?.module ?? null,
  };
  const id = prefix + digest(JSON.stringify([files, dialect, run]));
  return { id, dialect, header, files };
}

function readShared(value: unknown): Shared | null {
  if (typeof value !== 'object' || value === null || !('f' in value)) return null;
  const { f: files } = value;
  if (typeof files !== 'object' || files === null) return null;
  let project = fromOriginals('', {});
  const read: [string, string][] = [];
  for (const [path, text] of Object.entries(files) as [string, unknown][]) {
    if (typeof text !== 'string' || nameProblem(project, path) !== null) return null;
    read.push([path, text]);
    project = fromOriginals('', Object.fromEntries(read));
  }
  if (read.length === 0) return null;
  const dialect = dialects.find((one) => 'd' in value && value.d === one) ?? 'luasocket';
  const run =
    'r' in value && Array.isArray(value.r) && value.r.length <= limits.consoles
      ? value.r.filter((path) => typeof path === 'string')
      : [];
  return { files: Object.fromEntries(read), dialect, run };
}

// All bytes of a stream, or null as soon as they are more than `most`.
async function readAll(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  most: number,
): Promise<Uint8Array | null> {
  const reader = stream.getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      return null;
    }
    pieces.push(value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(code: string): Uint8Array<ArrayBuffer> {
  const text = atob(code.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

// Tells projects apart, no more: crypto.subtle is missing on plain http. Two FNV-1a, begun differently.
function digest(text: string): string {
  let [one, two] = [0x811c9dc5, 0x9e3779b9];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two ^ unit, 0x01000193) ^ (one >>> 15);
  }
  return [one, two].map((half) => (half >>> 0).toString(36)).join('');
}

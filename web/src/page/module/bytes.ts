// Bytes as people read and type them: hex, text with what cannot be seen made visible, and the classic hex view.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** `48 65 6C` */
export const toHex = (bytes: Uint8Array, between = ' '): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(between);

/** Reads hex with or without spaces, commas, colons, `0x`; null when something else is in it or half a byte is left. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  const digits = text.replace(/0x/gi, '').replace(/[\s,:;-]/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return null;
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

const escapes: Readonly<Record<string, number>> = { r: 13, n: 10, t: 9, '0': 0, '\\': 92 };

/** Text as typed: UTF-8, with \r \n \t \0 \\ and \xHH. */
export function fromTyped(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  const form = /\\x([0-9a-f]{2})|\\([rnt0\\])|[^\\]+|\\/gi;
  for (const [whole, hex, name] of text.matchAll(form)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (name !== undefined) bytes.push(escapes[name.toLowerCase()] ?? 92);
    else for (const byte of encoder.encode(whole)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

const shown: Readonly<Record<number, string>> = { 13: '\\r', 10: '\\n', 9: '\\t', 0: '\\0' };

// eslint-disable-next-line no-control-regex
const invisible = /[\x00-\x1f\x7f\x80-\x9f\u200b-\u200f\u2028-\u202e\ufeff]/g;

const spell = (character: string): string => {
  const code = character.charCodeAt(0);
  return shown[code] ?? `\\x${code.toString(16).padStart(2, '0').toUpperCase()}`;
};

/** Text where the bytes are UTF-8, else Latin letters and \xHH; controls are spelled out. One line whatever is in it. */
export function readable(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes).replace(invisible, spell);
  } catch {
    return Array.from(bytes, (byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : spell(String.fromCharCode(byte)),
    ).join('');
  }
}

export interface HexRow {
  readonly offset: string;
  readonly hex: string;
  readonly text: string;
}

const rowBytes = 16;

/** Rows of 16 bytes: where, in hex, as characters. `limit` bytes at most. */
export function hexRows(bytes: Uint8Array, limit: number): readonly HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < Math.min(bytes.length, limit); at += rowBytes) {
    const part = bytes.subarray(at, Math.min(at + rowBytes, limit));
    rows.push({
      offset: at.toString(16).padStart(4, '0').toUpperCase(),
      hex: `${toHex(part.subarray(0, 8))}${part.length > 8 ? '  ' : ''}${toHex(part.subarray(8))}`,
      text: Array.from(part, (byte) =>
        byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·',
      ).join(''),
    });
  }
  return rows;
}

/** Several pieces as one. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

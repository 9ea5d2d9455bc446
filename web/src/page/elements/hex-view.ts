// Bytes in the classic view: where, in hex, as characters; a row of its own for each 16.

import { html, nothing, type TemplateResult } from 'lit';

import { limits } from '../limits.ts';
import { hexRows } from '../module/bytes.ts';

const hexWidth = 48; // characters of a full row's hex

/** Nothing when there are no bytes. Its looks are in bench-styles. */
export function hexView(bytes: Uint8Array, label: string): TemplateResult | typeof nothing {
  if (bytes.length === 0) return nothing;
  const rows = hexRows(bytes, limits.hexBytes).map(({ offset, hex, text }) => {
    const rest = `  ${hex.padEnd(hexWidth)}  ${text}`;
    return html`<div><span class="offset">${offset}</span>${rest}</div>`;
  });
  return html`<div class="hex" role="group" tabindex="0" aria-label=${label}>${rows}</div>`;
}

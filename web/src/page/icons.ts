// The page's icons: one line each, 16 by 16, drawn with the text's colour.

import { svg, html, type TemplateResult } from 'lit';

const paths = {
  play: svg`<path d="M4.5 3v10l8-5z" fill="currentColor" stroke-linejoin="round"/>`,
  stop: svg`<rect x="4" y="4" width="8" height="8" rx="1.2" fill="currentColor"/>`,
  restart: svg`<path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5"/>`,
  plus: svg`<path d="M8 3v10M3 8h10"/>`,
  copy: svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 3.5v-.2c0-.5-.4-.8-.8-.8H3.3c-.5 0-.8.4-.8.8v6.4c0 .5.4.8.8.8h.2"/>`,
  duplicate: svg`<rect x="2.5" y="5" width="8.5" height="8.5" rx="1.5"/><path d="M5 2.5h7c.8 0 1.5.7 1.5 1.5v7M6.75 7.3v4M4.75 9.3h4"/>`,
  more: svg`<circle cx="3.5" cy="8" r="1.1" fill="currentColor"/><circle cx="8" cy="8" r="1.1" fill="currentColor"/><circle cx="12.5" cy="8" r="1.1" fill="currentColor"/>`,
  chevron: svg`<path d="m4 6 4 4 4-4"/>`,
  down: svg`<path d="M8 3v9M4.5 8.5 8 12l3.5-3.5"/>`,
  close: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  help: svg`<circle cx="8" cy="8" r="6"/><path d="M6.3 6.4a1.8 1.8 0 1 1 2.5 1.7c-.5.2-.8.6-.8 1.1v.2M8 11.4v.1"/>`,
  sun: svg`<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9"/>`,
  moon: svg`<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6Z"/>`,
  auto: svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11a5.5 5.5 0 0 0 0-11Z" fill="currentColor"/>`,
  file: svg`<path d="M9 2H4.5C3.9 2 3.5 2.4 3.5 3v10c0 .6.4 1 1 1h7c.6 0 1-.4 1-1V5.5zM9 2v3.5h3.5"/>`,
  upload: svg`<path d="M8 10.5v-8M5 5l3-3 3 3M3 11v1.5c0 .6.4 1 1 1h8c.6 0 1-.4 1-1V11"/>`,
  download: svg`<path d="M8 2.5v8M5 7.5l3 3 3-3M3 11v1.5c0 .6.4 1 1 1h8c.6 0 1-.4 1-1V11"/>`,
  paste: svg`<rect x="3.5" y="3.5" width="9" height="10.5" rx="1.3"/><path d="M6 3.5V3c0-.6.4-1 1-1h2c.6 0 1 .4 1 1v.5zM6 7.5h4M6 10h4"/>`,
  pencil: svg`<path d="m10.8 2.9 2.3 2.3-7.6 7.6-3 .7.7-3z"/>`,
  qr: svg`<path d="M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h1.5v1.5M13.5 9.5v1.5H12M9.5 13.5h1.5M13.5 12.5v1"/>`,
  bin: svg`<path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 9h6l.5-9"/>`,
  undo: svg`<path d="M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M3 6.5 6 3.5M3 6.5l3 3"/>`,
  globe: svg`<circle cx="8" cy="8" r="5.8"/><path d="M2.2 8h11.6M8 2.2c3.4 3.4 3.4 8.2 0 11.6C4.6 10.2 4.6 5.6 8 2.2"/>`,
  check: svg`<path d="m3.5 8.5 3 3 6-7"/>`,
  warn: svg`<path d="M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1"/>`,
  arrow: svg`<path d="M3 8h9.5M9 4.5 12.5 8 9 11.5"/>`,
  enter: svg`<path d="M13 3.5v4c0 .8-.7 1.5-1.5 1.5H3.5M6.5 6 3.5 9l3 3"/>`,
  end: svg`<path d="M3 8h7M7 5l3 3-3 3M13 3v10"/>`,
  terminal: svg`<rect x="2" y="3" width="12" height="10" rx="1.5"/><path d="m4.5 6 2 2-2 2M8.5 10h3"/>`,
  code: svg`<path d="m5.5 4.5-3.5 3.5 3.5 3.5M10.5 4.5 14 8l-3.5 3.5"/>`,
  eye: svg`<path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8Z"/><circle cx="8" cy="8" r="1.8"/>`,
  broadcast: svg`<circle cx="8" cy="8" r="1.4" fill="currentColor"/><path d="M5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3.2 12.8a6.8 6.8 0 0 1 0-9.6M12.8 3.2a6.8 6.8 0 0 1 0 9.6"/>`,
  chip: svg`<rect x="4" y="4" width="8" height="8" rx="1"/><path d="M6 4V2M10 4V2M6 14v-2M10 14v-2M4 6H2M4 10H2M14 6h-2M14 10h-2"/>`,
  search: svg`<circle cx="7" cy="7" r="4"/><path d="m10 10 3.5 3.5"/>`,
  clock: svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.2l2 1.3"/>`,
  power: svg`<path d="M8 2v5.5M4.8 4.2a5 5 0 1 0 6.4 0"/>`,
  wave: svg`<path d="M1.5 8c1.6-5 3.2-5 4.3 0s2.7 5 4.3 0 2.7-5 4.4 0"/>`,
  storm: svg`<path d="M4.5 9.5a3 3 0 0 1 .3-6 3.7 3.7 0 0 1 6.9 1.2 2.5 2.5 0 0 1-.2 4.8M8.5 7.5 6.5 11h3l-2 3.5"/>`,
  share: svg`<circle cx="4" cy="8" r="1.8"/><circle cx="12" cy="3.8" r="1.8"/><circle cx="12" cy="12.2" r="1.8"/><path d="m5.6 7.2 4.8-2.6M5.6 8.8l4.8 2.6"/>`,
  outside: svg`<path d="M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9.5v3c0 .6-.4 1-1 1h-7c-.6 0-1-.4-1-1v-7c0-.6.4-1 1-1h3"/>`,
  args: svg`<path d="M5.5 3H4c-.6 0-1 .4-1 1v8c0 .6.4 1 1 1h1.5M10.5 3H12c.6 0 1 .4 1 1v8c0 .6-.4 1-1 1h-1.5M8 6.5v3M6.5 8h3"/>`,
} as const;

export type IconName = keyof typeof paths;

/** An icon; the control it stands in carries the words. */
export const icon = (name: IconName): TemplateResult =>
  html`<svg
    class="icon"
    viewBox="0 0 16 16"
    width="16"
    height="16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${paths[name]}
  </svg>`;

/** The mark: a crescent with a wire. */
export const mark = (): TemplateResult =>
  html`<svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="#1d2340" />
    <path
      d="M21.6 20.9A9.2 9.2 0 0 1 11.1 7.6a9.7 9.7 0 1 0 13.1 12.1 9 9 0 0 1-2.6 1.2Z"
      fill="#ffd98a"
    />
    <path
      d="M16.5 12.5h4.2c1 0 1.8-.8 1.8-1.8V9"
      fill="none"
      stroke="#9fb4ff"
      stroke-width="1.8"
      stroke-linecap="round"
    />
    <circle cx="16" cy="12.5" r="2" fill="#9fb4ff" />
    <circle cx="22.5" cy="8" r="2" fill="#9fb4ff" />
  </svg>`;

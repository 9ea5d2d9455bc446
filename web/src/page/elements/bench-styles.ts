// Looks that the module's views share: bars above lists, small fields, switches, empty places.

import { css } from 'lit';

export const bench = css`
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 5px 8px;
    padding: 5px 10px;
    border-bottom: 1px solid var(--line);
    font-size: 12.5px;
    color: var(--text-2);
  }
  .bar.foot {
    border-top: 1px solid var(--line);
    border-bottom: 0;
    background: var(--surface-2);
  }
  .spring {
    flex: 1;
  }
  .quiet-text {
    color: var(--text-3);
  }
  .empty {
    display: grid;
    place-items: center;
    flex: 1;
    padding: 18px;
    color: var(--text-3);
    font-size: 13px;
    text-align: center;
  }
  .small-field,
  select {
    height: 26px;
    min-width: 0;
    padding: 0 7px;
    border: 1px solid var(--line-strong);
    border-radius: 6px;
    background: var(--surface);
    color: var(--text);
    font-size: 12.5px;
  }
  select {
    padding-right: 2px;
  }
  .mono {
    font-family: var(--mono);
  }
  .grow {
    flex: 1 1 120px;
    min-width: 80px;
  }
  .segments {
    display: inline-flex;
    border: 1px solid var(--line-strong);
    border-radius: 7px;
    overflow: hidden;
  }
  .segments button {
    height: 24px;
    padding: 0 9px;
    border: 0;
    background: var(--surface);
    font-size: 12px;
    color: var(--text-2);
    cursor: pointer;
  }
  .segments button + button {
    border-left: 1px solid var(--line);
  }
  .segments button[aria-pressed='true'] {
    background: var(--accent-soft);
    color: var(--text);
    font-weight: 600;
  }
  .segments button:focus-visible {
    outline-offset: -2px;
  }
  .wrong {
    color: var(--bad);
    font-size: 12px;
  }
  table {
    border-collapse: collapse;
    width: 100%;
    font-size: 12.5px;
  }
  th {
    padding: 5px 10px;
    font-weight: 600;
    font-size: 11.5px;
    text-align: start;
    color: var(--text-3);
    white-space: nowrap;
  }
  td {
    padding: 3px 10px;
    border-top: 1px solid var(--line);
    white-space: nowrap;
  }
  .hex {
    margin: 0;
    padding: 8px 12px;
    overflow: auto;
    font: 12px/1.5 var(--mono);
    white-space: pre;
    color: var(--text);
    scrollbar-width: thin;
  }
  .hex .offset {
    color: var(--text-3);
  }
  @media (pointer: coarse) {
    .small-field,
    select {
      height: 36px;
      font-size: 16px; /* smaller makes iOS zoom in */
    }
    .segments button {
      height: 34px;
    }
  }
`;

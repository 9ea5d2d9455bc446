// Looks that several elements share: buttons, icon buttons, badges, what only screen readers read.

import { css } from 'lit';

export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  .icon {
    display: block;
    flex: none;
  }
  .button,
  .icon-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    height: 30px;
    padding: 0 11px;
    border: 1px solid var(--line-strong);
    border-radius: 7px;
    background: var(--surface);
    color: var(--text);
    font-size: 13px;
    font-weight: 500;
    white-space: nowrap;
    cursor: pointer;
    transition:
      background-color 0.12s,
      border-color 0.12s;
  }
  .button:hover:not(:disabled) {
    background: var(--surface-2);
    border-color: var(--text-3);
  }
  .button.primary {
    background: var(--accent-fill);
    border-color: transparent;
    color: var(--on-accent);
    font-weight: 600;
  }
  .button.primary:hover:not(:disabled) {
    background: var(--accent-fill-hover);
  }
  .button.danger {
    color: var(--bad);
  }
  .button.quiet,
  .icon-button {
    border-color: transparent;
    background: transparent;
    color: var(--text-2);
  }
  .button.quiet:hover:not(:disabled),
  .icon-button:hover:not(:disabled) {
    background: var(--accent-soft);
    border-color: transparent;
    color: var(--text);
  }
  .button.small {
    height: 26px;
    padding: 0 9px;
    font-size: 12.5px;
    border-radius: 6px;
  }
  .icon-button {
    width: 30px;
    padding: 0;
  }
  .icon-button.small {
    width: 26px;
    height: 26px;
    border-radius: 6px;
  }
  .button:disabled,
  .icon-button:disabled {
    cursor: default;
    color: var(--text-3);
    opacity: 0.6;
  }
  .button.primary:disabled {
    background: var(--line);
    color: var(--text-2);
    opacity: 1;
  }
  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }
  .field {
    width: 100%;
    height: 34px;
    padding: 0 10px;
    border: 1px solid var(--line-strong);
    border-radius: 7px;
    background: var(--surface);
  }
  .field:focus-visible {
    outline-offset: 0;
  }
  .reader-only {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
  @media (pointer: coarse) {
    .button,
    .icon-button {
      min-height: 36px;
    }
    .icon-button {
      min-width: 36px;
    }
  }
`;

// What the page is and which keys it has.

import { css, html, LitElement } from 'lit';

import { shortcutKeys } from '../shortcuts.ts';
import type { Strings } from '../strings.ts';
import { shared } from './shared-styles.ts';

export class MoonwireHelp extends LitElement {
  static override properties = { strings: { attribute: false }, luaVersion: {} };
  static override styles = [
    shared,
    css`
      p {
        margin: 0 0 12px;
        color: var(--text-2);
      }
      h3 {
        margin: 18px 0 6px;
        font-size: 13px;
        font-weight: 650;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 13px;
      }
      td {
        padding: 6px 0;
        border-top: 1px solid var(--line);
        vertical-align: baseline;
      }
      td {
        overflow-wrap: anywhere;
      }
      td:first-child {
        width: 42%;
        padding-right: 12px;
        overflow-wrap: normal;
      }
      kbd {
        display: inline-block;
        padding: 1px 6px;
        border: 1px solid var(--line-strong);
        border-bottom-width: 2px;
        border-radius: 5px;
        background: var(--surface-2);
        font: 12px var(--mono);
        white-space: nowrap;
      }
    `,
  ];

  declare strings: Strings;
  declare luaVersion: string;

  override render() {
    const { strings } = this;
    const names = Object.keys(shortcutKeys) as (keyof typeof shortcutKeys)[];
    return html`
      <p>${strings.helpAbout}</p>
      <p>${strings.helpModule}</p>
      <p>${strings.helpInput}</p>
      <h3>${strings.helpShortcuts}</h3>
      <table>
        <tbody>
          ${names.map(
            (name) =>
              html`<tr>
                <td>
                  ${shortcutKeys[name].map((keys, at) => html`${at > 0 ? (name === 'tab' ? ' … ' : ` ${strings.keysOr} `) : ''}<kbd>${keys}</kbd>`)}
                </td>
                <td>${strings.shortcut[name]}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      <h3>${strings.helpLaboratory}</h3>
      <p>${strings.helpLaboratoryAbout}</p>
      <table>
        <tbody>
          ${Object.entries(strings.laboratory).map(
            ([host, what]) =>
              html`<tr>
                <td><kbd>${host}</kbd></td>
                <td>${what}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      <p></p>
      <p>${this.luaVersion}</p>
    `;
  }
}

customElements.define('moonwire-help', MoonwireHelp);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-help': MoonwireHelp;
  }
}

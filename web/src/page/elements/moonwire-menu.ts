// A button that opens a menu, with the keys a menu has (arrows, Home, End, Escape). Sends `choose` with the item's id.

import { css, html, LitElement, nothing } from 'lit';

import { icon, type IconName } from '../icons.ts';
import { shared } from './shared-styles.ts';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconName;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
}

const gap = 4; // pixels between the button and its menu

export class MoonwireMenu extends LitElement {
  static override properties = {
    label: {},
    icon: {},
    items: { attribute: false },
    open: { state: true },
  };
  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
        flex: none;
      }
      .list {
        position: fixed;
        inset: auto;
        margin: 0;
        min-width: 190px;
        max-width: calc(100vw - 16px);
        padding: 5px;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--raised);
        color: var(--text);
        box-shadow: var(--shadow);
      }
      .item {
        display: flex;
        align-items: center;
        gap: 10px;
        width: 100%;
        min-height: 32px;
        padding: 4px 12px 4px 9px;
        border: 0;
        border-radius: 6px;
        background: none;
        font-size: 13px;
        text-align: start;
        cursor: pointer;
      }
      .item .icon {
        color: var(--text-3);
      }
      .item:hover:not(:disabled),
      .item:focus-visible {
        background: var(--accent-soft);
        outline-offset: -2px;
      }
      .item.danger,
      .item.danger .icon {
        color: var(--bad);
      }
      .item:disabled {
        color: var(--text-3);
        cursor: default;
      }
    `,
  ];

  declare label: string;
  declare icon: IconName;
  declare items: readonly MenuItem[];
  declare open: boolean;

  constructor() {
    super();
    this.label = '';
    this.icon = 'more';
    this.items = [];
    this.open = false;
  }

  override render() {
    return html`<button
        class="icon-button small"
        id="button"
        type="button"
        aria-haspopup="menu"
        aria-expanded=${this.open}
        aria-label=${this.label}
        title=${this.label}
        @click=${() => this.#toggle()}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            this.#show();
          }
        }}
      >
        ${icon(this.icon)}
      </button>
      <div
        class="list"
        popover="auto"
        role="menu"
        aria-label=${this.label}
        @toggle=${this.#handleToggle}
        @keydown=${this.#handleKey}
      >
        ${this.items.map(
          (item) =>
            html`<button
              class="item ${item.isDanger ? 'danger' : ''}"
              type="button"
              role="menuitem"
              tabindex="-1"
              ?disabled=${item.isDisabled ?? false}
              @click=${() => this.#choose(item)}
            >
              ${item.icon ? icon(item.icon) : nothing}<span>${item.label}</span>
            </button>`,
        )}
      </div>`;
  }

  get #list(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.list') as HTMLElement;
  }

  #toggle(): void {
    if (this.open) this.#list.hidePopover();
    else this.#show();
  }

  #show(): void {
    const list = this.#list;
    list.showPopover();
    const button = this.renderRoot.querySelector('#button')?.getBoundingClientRect();
    if (!button) return;
    const { offsetWidth: width, offsetHeight: height } = list;
    const left = Math.min(Math.max(8, button.right - width), innerWidth - width - 8);
    const below = button.bottom + gap;
    const top = below + height < innerHeight - 8 ? below : Math.max(8, button.top - gap - height);
    list.style.left = `${left}px`;
    list.style.top = `${top}px`;
    this.#enabled()[0]?.focus();
  }

  #enabled(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.item:not(:disabled)')];
  }

  #handleToggle(event: Event): void {
    this.open = (event as ToggleEvent).newState === 'open';
  }

  #handleKey(event: KeyboardEvent): void {
    const items = this.#enabled();
    const at = items.findIndex((item) => item.matches(':focus'));
    const target: Readonly<Record<string, number>> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const next = target[event.key];
    if (next !== undefined) {
      event.preventDefault();
      items[next]?.focus();
    } else if (event.key === 'Tab') this.#list.hidePopover();
    else if (event.key === 'Escape') {
      event.stopPropagation();
      this.#list.hidePopover();
      this.renderRoot.querySelector<HTMLElement>('#button')?.focus();
    }
  }

  #choose(item: MenuItem): void {
    this.#list.hidePopover();
    this.renderRoot.querySelector<HTMLElement>('#button')?.focus();
    this.dispatchEvent(new CustomEvent('choose', { detail: item.id }));
  }
}

customElements.define('moonwire-menu', MoonwireMenu);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-menu': MoonwireMenu;
  }
}

// What the page knows of the module on the bench: its state, lamps, AT trace and terminals, and what one can do to it.
// Subscribes to the workbench; no DOM.

import { BoundedList } from './bounded-list.ts';
import { joinBytes } from './bytes.ts';
import { Lab } from './lab.ts';
import { LampWatch } from './lamp.ts';
import { limits, spans } from '../limits.ts';
import { isAlive } from '../workbench-state.ts';
import type { MachineNews, Workbench } from '../workbench.ts';
import type { AtRecord, ModuleAction, ModuleState } from '../../protocol.ts';

export type UartPort = 1 | 2 | 3;

/** Bytes over a UART that came without a pause. */
export interface UartPiece {
  readonly time: number;
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
}

export const uartPorts: readonly UartPort[] = [1, 2, 3];

/** A module nobody has switched on yet. */
export const restingModule: ModuleState = {
  pid: null,
  profile: 'air202',
  power: 'off',
  powerOnReason: null,
  coreVersion: '',
  imei: '',
  iccid: '',
  imsi: '',
  operator: '',
  sim: 'ready',
  pinTriesLeft: 3,
  registration: 'off',
  accessTechnology: null,
  lac: '',
  cell: '',
  csq: 24,
  flyMode: false,
  attached: false,
  address: null,
  netLampPin: null,
  lteLampPin: null,
  pins: [],
  adc: [],
  batteryMillivolts: 3800,
  uarts: [],
  sockets: [],
  watchdog: [],
  memoryBytes: 0,
  memoryLimitBytes: 0,
  tickMs: 0,
  unixSeconds: 0,
};

// Actions that stay true while the machine is replaced by a new one.
type Lasting = 'profile' | 'sim' | 'signal' | 'network' | 'battery';
const lasting: readonly ModuleAction['do'][] = [
  'profile',
  'sim',
  'signal',
  'network',
  'battery',
] satisfies readonly Lasting[];

type AtEntry = Omit<AtRecord, 'serial'>;

export class ModuleDesk {
  readonly #workbench: Workbench;
  readonly #listeners = new Set<() => void>();
  readonly #release: (() => void)[];
  readonly #kept = new Map<string, ModuleAction>();
  readonly lab: Lab;
  readonly netLamp = new LampWatch();
  readonly lteLamp = new LampWatch();
  readonly at = new BoundedList<AtEntry>({ count: limits.atRecords, weight: Infinity });
  readonly terminals: Readonly<Record<UartPort, BoundedList<UartPiece>>> = {
    1: newTerminal(),
    2: newTerminal(),
    3: newTerminal(),
  };
  #state: ModuleState = restingModule;
  #isNetworkThere = true;
  #generation: number;
  #project: string;

  constructor(workbench: Workbench, labScript: string) {
    this.#workbench = workbench;
    this.#generation = workbench.generation;
    this.#project = workbench.state.project.id;
    this.lab = new Lab({
      runTool: (file, events) => workbench.runTool(file, events),
      script: labScript,
      now: () => workbench.now,
    });
    this.#release = [
      workbench.onNews((news) => this.#handleNews(news)),
      workbench.onChange(() => this.#handleWorkbench()),
      this.lab.onChange(() => this.#tell()),
    ];
    this.#chooseProfile();
  }

  get state(): ModuleState {
    return this.#state;
  }

  get isOn(): boolean {
    return this.#state.power === 'on';
  }

  /** Whether there is a network to register with; the module itself only knows what it finds. */
  get isNetworkThere(): boolean {
    return this.#isNetworkThere;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispose(): void {
    for (const release of this.#release) release();
    this.lab.close();
  }

  act(action: ModuleAction): void {
    if (lasting.includes(action.do)) this.#kept.set(action.do, action);
    if (action.do === 'network') this.#isNetworkThere = action.available;
    this.#workbench.touchModule(action);
    // Shown at once; the module's own word follows.
    this.#state = foreseen(this.#state, action);
    this.#tell();
  }

  sendUart(port: UartPort, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#addUart(port, 'in', bytes);
    this.act({ do: 'uart', port, bytes });
  }

  #handleNews(news: MachineNews): void {
    switch (news.kind) {
      case 'module':
        this.#handleState(news.state);
        break;
      case 'module-uart':
        this.#addUart(news.port, 'out', news.bytes);
        break;
      case 'module-at':
        this.at.add(
          news.records.map(({ timeMs, direction, text }) => ({ timeMs, direction, text })),
          news.lost,
        );
        break;
      case 'wire':
        return;
    }
    this.#tell();
  }

  #handleState(state: ModuleState): void {
    if (state.pid !== this.#state.pid || state.power === 'off') {
      this.netLamp.reset();
      this.lteLamp.reset();
    }
    this.#state = state;
    for (const [lamp, name] of [
      [this.netLamp, state.netLampPin],
      [this.lteLamp, state.lteLampPin],
    ] as const) {
      const pin = name === null ? undefined : state.pins.find((one) => one.name === name);
      if (pin) lamp.sample(state.power === 'on' ? pin.level : 0, state.tickMs);
      else lamp.reset();
    }
  }

  // A new machine knows nothing of what was chosen; another project begins with a fresh bench.
  #handleWorkbench(): void {
    const { generation, state } = this.#workbench;
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#state = { ...restingModule, profile: this.#state.profile, csq: this.#state.csq };
      this.netLamp.reset();
      this.lteLamp.reset();
      for (const action of this.#kept.values()) this.act(action);
    }
    if (state.project.id !== this.#project) {
      this.#project = state.project.id;
      this.at.clear();
      for (const port of uartPorts) this.terminals[port].clear();
      this.lab.clearRecords();
      this.#chooseProfile();
    }
    // Without a firmware that tells of itself, the process is what there is to know.
    const pid = this.#state.pid;
    const runs = state.machine.consoles.some(
      (one) =>
        isAlive(one) && (pid === null || (one.phase.kind === 'running' && one.phase.pid === pid)),
    );
    if (!runs && this.isOn) this.#handleState({ ...this.#state, power: 'off', pid: null });
    this.#tell();
  }

  #chooseProfile(): void {
    const profile = this.#workbench.state.example?.header.module ?? this.#state.profile;
    if (!this.isOn) this.act({ do: 'profile', profile });
  }

  #addUart(port: UartPort, direction: UartPiece['direction'], bytes: Uint8Array): void {
    const terminal = this.terminals[port];
    const time = this.#workbench.now;
    let rest = bytes;
    const { last } = terminal;
    if (last?.direction === direction && time - last.time <= spans.uartGapMs) {
      const room = limits.uartPieceBytes - last.bytes.length;
      if (room > 0) {
        const piece = rest.subarray(0, room);
        terminal.replaceLast({ ...last, bytes: joinBytes([last.bytes, piece]) });
        rest = rest.subarray(room);
      }
    }
    const pieces: UartPiece[] = [];
    for (let at = 0; at < rest.length; at += limits.uartPieceBytes)
      pieces.push({ time, direction, bytes: rest.slice(at, at + limits.uartPieceBytes) });
    terminal.add(pieces);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const newTerminal = (): BoundedList<UartPiece> =>
  new BoundedList<UartPiece>(
    { count: limits.uartPieces, weight: limits.uartBytes },
    (piece) => piece.bytes.length,
  );

// What an action changes of what is seen, before the module has said so.
function foreseen(state: ModuleState, action: ModuleAction): ModuleState {
  switch (action.do) {
    case 'profile':
      return { ...state, profile: action.profile };
    case 'sim':
      return { ...state, sim: action.sim };
    case 'signal':
      return { ...state, csq: action.csq };
    case 'battery':
      return { ...state, batteryMillivolts: action.millivolts };
    case 'pin':
      return {
        ...state,
        pins: state.pins.map((pin) =>
          pin.name === action.pin && pin.direction !== 'out'
            ? { ...pin, level: action.level }
            : pin,
        ),
      };
    case 'adc':
      return {
        ...state,
        adc: [
          ...state.adc.filter(({ channel }) => channel !== action.channel),
          { channel: action.channel, millivolts: action.millivolts },
        ].sort((a, b) => a.channel - b.channel),
      };
    default:
      return state;
  }
}

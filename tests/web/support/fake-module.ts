// A scripted stand-in for the module: boots, registers, blinks, answers on its UARTs. For working on the page without a
// machine; it never ships.

import type { ModuleAction, ModuleState, Pid, WorkerMessage } from '../../../web/src/protocol.ts';

const resting: ModuleState = {
  pid: null,
  profile: 'air202',
  power: 'off',
  powerOnReason: null,
  coreVersion: '',
  imei: '866425030123456',
  iccid: '89860318740000000001',
  imsi: '460040000000001',
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
  netLampPin: 'P1_1',
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

/** How the net lamp blinks at each stage: milliseconds lit, dark. */
const blinks = { idle: [300, 3700], gsm: [300, 1700], gprs: [300, 700], sck: [100, 100] } as const;

export class FakeModule {
  readonly #tell: (message: WorkerMessage) => void;
  readonly #say: (pid: Pid, text: string) => void;
  #state = resting;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #blink: ReturnType<typeof setTimeout> | null = null;
  #began = 0;
  #serial = 1;

  constructor(tell: (message: WorkerMessage) => void, say: (pid: Pid, text: string) => void) {
    this.#tell = tell;
    this.#say = say;
  }

  start(pid: Pid): void {
    this.#began = Date.now();
    this.#set({
      pid,
      power: 'on',
      powerOnReason: 0,
      coreVersion: 'Luat_V0037_8955_SSL',
      registration: 'searching',
      pins: [
        { name: 'P1_1', direction: 'out', level: 0, pull: 'none' },
        { name: 'P0_30', direction: 'out', level: 1, pull: 'none' },
        { name: 'P0_31', direction: 'in', level: 1, pull: 'up' },
        { name: 'P0_6', direction: 'interrupt', level: 0, pull: 'down' },
      ],
      uarts: [{ port: 1, open: true, baud: 115200 }],
      watchdog: [{ kind: 'external', armed: true, fedMsAgo: 4000, resets: 0 }],
      memoryBytes: 420_000,
      memoryLimitBytes: 2_000_000,
    });
    const log = (text: string): void => this.#say(pid, `${text}\n`);
    log('[I]-[poweron reason:] 0 SOCKET-TEST 1.0.0 2.3.7 Luat_V0037_8955_SSL');
    log('[D]-[a debug line] of no importance');
    this.#at('to-modem', 'AT+CPIN?');
    this.#at('from-modem', '+CPIN: READY');
    const stages: [number, () => void][] = [
      [500, () => this.#blinkAs('idle')],
      [
        3000,
        () => {
          this.#set({
            registration: 'registered',
            accessTechnology: '2G',
            operator: 'CMCC',
            lac: '18E7',
            cell: 'D1D2',
          });
          this.#at('from-modem', '+CREG: 2,1,"18E7","D1D2"');
          this.#blinkAs('gsm');
        },
      ],
      [
        6000,
        () => {
          this.#set({ attached: true, address: '10.77.1.23' });
          log('[T]-[link.setState] IP_READY_IND');
          this.#blinkAs('gprs');
        },
      ],
      [
        9000,
        () => {
          this.#set({
            sockets: [
              {
                id: '0',
                protocol: 'tcp',
                peer: '127.0.0.1:50798',
                state: 'open',
                sent: 20,
                received: 7,
                unread: 0,
              },
            ],
          });
          log('[I]-[longlink.socketClient] connect success');
          log('[W]-[net.rsp] signal is weak');
          log('[E]-[longlink.inMsgProcess error]');
          this.#tell({
            kind: 'module-uart',
            port: 1,
            bytes: new TextEncoder().encode('ready\r\n'),
            lost: 0,
          });
          this.#blinkAs('sck');
        },
      ],
    ];
    for (const [delay, run] of stages) this.#timers.push(setTimeout(run, delay));
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#blink) clearTimeout(this.#blink);
    this.#timers = [];
    const { csq, sim, profile, batteryMillivolts } = this.#state;
    this.#state = { ...resting, csq, sim, profile, batteryMillivolts };
    this.#set({});
  }

  obey(action: ModuleAction): void {
    switch (action.do) {
      case 'sim':
        this.#set({ sim: action.sim });
        break;
      case 'signal':
        this.#set({ csq: action.csq });
        break;
      case 'profile':
        this.#set({ profile: action.profile });
        break;
      case 'pin':
        this.#set({
          pins: this.#state.pins.map((pin) =>
            pin.name === action.pin ? { ...pin, level: action.level } : pin,
          ),
        });
        break;
      case 'uart':
        this.#tell({ kind: 'module-uart', port: action.port, bytes: action.bytes, lost: 0 });
        break;
      default:
        break;
    }
  }

  #blinkAs(stage: keyof typeof blinks): void {
    if (this.#blink) clearTimeout(this.#blink);
    const [onMs, offMs] = blinks[stage];
    const turn = (level: 0 | 1): void => {
      this.#set({
        pins: this.#state.pins.map((pin) => (pin.name === 'P1_1' ? { ...pin, level } : pin)),
      });
      this.#blink = setTimeout(() => turn(level === 1 ? 0 : 1), level === 1 ? onMs : offMs);
    };
    turn(1);
  }

  #at(direction: 'to-modem' | 'from-modem', text: string): void {
    const timeMs = Date.now() - this.#began;
    const record = { serial: this.#serial++, timeMs, direction, text };
    this.#tell({ kind: 'module-at', records: [record], lost: 0 });
  }

  #set(change: Partial<ModuleState>): void {
    const now = Date.now();
    const tickMs = this.#state.power === 'on' ? now - this.#began : 0;
    this.#state = { ...this.#state, ...change, tickMs, unixSeconds: Math.floor(now / 1000) };
    this.#tell({ kind: 'module', state: this.#state });
  }
}

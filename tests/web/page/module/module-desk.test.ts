// The page's knowledge of the module and of the wire, against forged messages of a worker.
import { ModuleDesk, restingModule } from '../../../../web/src/page/module/module-desk.ts';
import { readable } from '../../../../web/src/page/module/bytes.ts';
import { passesWire, WireLog } from '../../../../web/src/page/wire-log.ts';
import type { Workbench } from '../../../../web/src/page/workbench.ts';
import type {
  ModuleAction,
  ModuleState,
  PageMessage,
  WireRecord,
} from '../../../../web/src/protocol.ts';
import { makeBench, settle, type Bench, type FakeWorker } from '../../support/workbench.ts';

let bench: Bench;
let workbench: Workbench;

const worker = (): FakeWorker => bench.workers.at(-1) as FakeWorker;
const actions = (): ModuleAction[] =>
  worker()
    .kinds('module')
    .map((message) => (message as Extract<PageMessage, { kind: 'module' }>).action);

/** Starts main.lua as the module's and returns its pid. */
async function powerOn(): Promise<number> {
  workbench.setDialect('luat');
  workbench.addFile('main.lua', 'sys.run()');
  worker().deafTo.add('run');
  workbench.runFile('main.lua');
  await settle();
  const asked = worker().kinds('run').at(-1) as Extract<PageMessage, { kind: 'run' }>;
  worker().tell({ kind: 'started', request: asked.request, pid: 7 });
  await settle();
  return 7;
}

const state = (change: Partial<ModuleState>): void =>
  worker().tell({ kind: 'module', state: { ...restingModule, ...change } });

beforeEach(async () => {
  bench = makeBench();
  workbench = bench.workbench;
  await workbench.openProject('own');
  worker().deafTo.add('module');
});

describe('the bench', () => {
  test('shows what the module says, and a lamp on whatever pin it has', async () => {
    const desk = new ModuleDesk(workbench, '');
    const pid = await powerOn();
    expect((worker().kinds('run').at(-1) as { dialect: string }).dialect).toBe('luat');
    const lamp = (level: 0 | 1, tickMs: number): void =>
      state({
        pid,
        power: 'on',
        netLampPin: 'P2_0',
        pins: [{ name: 'P2_0', direction: 'out', level, pull: 'none' }],
        tickMs,
      });
    for (let tick = 0; tick < 2000; tick += 200) {
      lamp(1, tick);
      lamp(0, tick + 100);
    }
    expect(desk.isOn).toBe(true);
    expect(desk.netLamp.pattern.meaning).toBe('connected');
    state({ pid: null, power: 'off' });
    expect(desk.netLamp.pattern.meaning).toBe('off');
    desk.dispose();
  });

  test('gets what was told before it was there', async () => {
    await powerOn();
    worker().tell({ kind: 'module-uart', port: 2, bytes: Uint8Array.of(65), lost: 0 });
    const desk = new ModuleDesk(workbench, '');
    expect(desk.terminals[2].entries.map(({ bytes }) => readable(bytes))).toEqual(['A']);
    desk.dispose();
  });

  test('is off when its process is, whatever it said last', async () => {
    const desk = new ModuleDesk(workbench, '');
    const pid = await powerOn();
    state({ pid, power: 'on' });
    worker().tell({ kind: 'exited', pid, status: 1, reason: 'error' });
    expect(desk.isOn).toBe(false);
    desk.dispose();
  });

  test('tells a new machine what had been chosen for the old one', async () => {
    const desk = new ModuleDesk(workbench, '');
    desk.act({ do: 'profile', profile: 'air724u' });
    desk.act({ do: 'sim', sim: 'absent' });
    desk.act({ do: 'reset' });
    desk.act({ do: 'signal', csq: 3 });
    desk.act({ do: 'signal', csq: 4 });
    workbench.restartMachine();
    await settle();
    expect(bench.workers).toHaveLength(2);
    expect(actions()).toEqual([
      { do: 'profile', profile: 'air724u' },
      { do: 'sim', sim: 'absent' },
      { do: 'signal', csq: 4 },
    ]);
    desk.dispose();
  });

  test('joins a serial port’s bytes that come without a pause, and keeps a bounded lot', async () => {
    const desk = new ModuleDesk(workbench, '');
    const pid = await powerOn();
    state({ pid, power: 'on' });
    const said = (text: string): void =>
      worker().tell({
        kind: 'module-uart',
        port: 1,
        bytes: new TextEncoder().encode(text),
        lost: 0,
      });
    said('AT');
    said('+X\r\n');
    await bench.clock.advance(1000);
    said('late');
    desk.sendUart(1, Uint8Array.of(66));
    expect(
      desk.terminals[1].entries.map((piece) => [piece.direction, readable(piece.bytes)]),
    ).toEqual([
      ['out', 'AT+X\\r\\n'],
      ['out', 'late'],
      ['in', 'B'],
    ]);
    expect(actions().at(-1)).toEqual({ do: 'uart', port: 1, bytes: Uint8Array.of(66) });
    for (let turn = 0; turn < 40; turn++) said('x'.repeat(10_000));
    const kept = desk.terminals[1].entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(kept).toBeLessThanOrEqual(256 << 10);
    expect(desk.terminals[1].lost).toBeGreaterThan(0);
    desk.dispose();
  });

  test('keeps the newest of an AT trace without end and says how many are gone', async () => {
    const desk = new ModuleDesk(workbench, '');
    await powerOn();
    const records = Array.from({ length: 6000 }, (_, at) => ({
      serial: at + 11,
      timeMs: at,
      direction: 'to-modem' as const,
      text: `AT${String(at)}`,
    }));
    worker().tell({ kind: 'module-at', records, lost: 10 });
    expect(desk.at.entries).toHaveLength(5000);
    expect(desk.at.last?.text).toBe('AT5999');
    expect(desk.at.lost).toBe(1010);
    desk.dispose();
  });

  test('closes its lab when it goes, and leaves nobody listening', async () => {
    const desk = new ModuleDesk(workbench, '-- the lab');
    void desk.lab.open({ protocol: 'tcp', place: 'tab', port: 0 });
    await settle();
    const run = worker().kinds('run').at(-1) as Extract<PageMessage, { kind: 'run' }>;
    expect(run).toMatchObject({ path: '.moonwire/lab.lua', dialect: 'luasocket' });
    const files = (worker().kinds('put-files').at(-1) as { files: Record<string, string> }).files;
    expect(files['.moonwire/lab.lua']).toBe('-- the lab');
    expect(workbench.state.project.files.map(({ path }) => path)).not.toContain(
      '.moonwire/lab.lua',
    );
    expect(workbench.state.machine.consoles).toEqual([]);
    desk.dispose();
    state({ power: 'on' });
    expect(desk.isOn).toBe(false);
  });
});

describe('the wire', () => {
  const record = (serial: number, change: Partial<WireRecord> = {}): WireRecord => ({
    serial,
    timeMs: serial,
    pid: 1,
    kind: 'data',
    from: '127.0.0.1:5000',
    to: '127.0.0.1:80',
    size: 5,
    bytes: new TextEncoder().encode('hello'),
    file: 'client.lua',
    line: 3,
    ...change,
  });

  test('is asked for only while somebody watches, and again of a new machine', () => {
    const wire = new WireLog(workbench);
    expect(worker().kinds('watch-wire')).toEqual([]);
    worker().tell({ kind: 'wire', records: [record(1)], lost: 0 });
    expect(wire.entries).toEqual([]);
    wire.watch(true);
    worker().tell({ kind: 'wire', records: [record(2)], lost: 1 });
    expect(wire.entries).toHaveLength(1);
    expect(wire.lost).toBe(1);
    workbench.restartMachine();
    expect(worker().kinds('watch-wire')).toEqual([{ kind: 'watch-wire', on: true }]);
    wire.dispose();
    expect(worker().kinds('watch-wire').at(-1)).toEqual({ kind: 'watch-wire', on: false });
  });

  test('keeps a bounded number of records and of bytes', () => {
    const wire = new WireLog(workbench);
    wire.watch(true);
    const many = Array.from({ length: 7000 }, (_, at) => record(at));
    worker().tell({ kind: 'wire', records: many, lost: 0 });
    expect(wire.entries).toHaveLength(5000);
    expect(wire.lost).toBe(2000);
    const heavy = Array.from({ length: 20 }, (_, at) =>
      record(at, { bytes: new Uint8Array(1 << 20) }),
    );
    worker().tell({ kind: 'wire', records: heavy, lost: 0 });
    expect(wire.entries.length).toBeLessThanOrEqual(4);
  });

  test('is filtered by kind, and by what stands in addresses, places, names and text', () => {
    const entry = record(1);
    const has = (search: string): boolean => passesWire({ kind: null, search }, entry, 'client #2');
    for (const found of ['HELLO', '5000', 'client.lua:3', '#2']) expect(has(found)).toBe(true);
    expect(has('server')).toBe(false);
    expect(passesWire({ kind: 'rst', search: '' }, entry, '')).toBe(false);
  });
});

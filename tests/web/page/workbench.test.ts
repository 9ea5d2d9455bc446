import { limits, spans } from '../../../web/src/page/limits.ts';
import { ownProjectId, type Notice } from '../../../web/src/page/workbench.ts';
import type { TunnelState } from '../../../web/src/protocol.ts';
import { makeBench, settle, type Bench } from '../support/workbench.ts';

const open = async (id = 'echo'): Promise<Bench> => {
  const bench = makeBench();
  await bench.workbench.openProject(id);
  await settle();
  return bench;
};
const consoles = (bench: Bench) => bench.workbench.state.machine.consoles;
const phases = (bench: Bench) => consoles(bench).map((console) => console.phase.kind);
const shown = (bench: Bench, id: number): string[] => {
  bench.frame();
  return bench.workbench
    .scrollbackOf(id)
    .lines.map((line) => line.note?.kind ?? line.spans.map((span) => span.text).join(''));
};

test('the machine with every dialect is fetched for the first project that needs it, and stays', async () => {
  const bench = makeBench(undefined, 'luasocket');
  await bench.workbench.openProject('echo');
  await settle();
  expect(bench.machines).toEqual(['luasocket']);
  bench.workbench.setDialect('chuck');
  await settle();
  expect(bench.machines).toEqual(['luasocket', 'all']);
  expect(bench.workers.map((worker) => worker.isTerminated)).toEqual([true, false]);
  bench.workbench.setDialect('luasocket');
  await bench.workbench.openProject('own');
  await settle();
  expect(bench.machines).toEqual(['luasocket', 'all']);
});

describe('running', () => {
  test('"Run project" starts the files in order, each in a console of its own', async () => {
    const bench = await open();
    void bench.workbench.runProject();
    await settle();
    expect(consoles(bench).map((console) => console.path)).toEqual(['server.lua', 'client.lua']);
    expect(phases(bench)).toEqual(['running', 'running']);
    const [files, ...runs] = bench.workers[0]!.sent.filter(
      ({ kind }) => kind === 'put-files' || kind === 'run',
    );
    expect(files?.kind).toBe('put-files');
    expect(runs.map((run) => run.kind === 'run' && run.path)).toEqual(['server.lua', 'client.lua']);
  });

  test('the next file waits until the one before listens, or the span is over', async () => {
    const bench = await open('own');
    bench.workbench.edit('server.lua', 'x');
    bench.workbench.addFile('slow.lua', 'y');
    await settle();
    bench.workers[0]!.deafTo.add('run');
    void bench.workbench.runProject();
    await settle();
    const [run] = bench.workers[0]!.kinds('run');
    bench.workers[0]!.tell({
      kind: 'started',
      request: run!.kind === 'run' ? run.request : 0,
      pid: 1,
    });
    await settle();
    expect(bench.workers[0]!.kinds('run')).toHaveLength(1);
    await bench.clock.advance(spans.settleMs);
    expect(bench.workers[0]!.kinds('run')).toHaveLength(2);
  });

  test('files go to the machine again only after a change', async () => {
    const bench = await open();
    const { workbench } = bench;
    workbench.runCopy('client.lua');
    workbench.runCopy('client.lua');
    await settle();
    expect(bench.workers[0]!.kinds('put-files')).toHaveLength(1);
    workbench.edit('client.lua', 'print(2)');
    workbench.runCopy('client.lua');
    await settle();
    expect(bench.workers[0]!.kinds('put-files')).toHaveLength(2);
    expect(consoles(bench).map((console) => console.copy)).toEqual([1, 2, 3]);
  });

  test('Run of a running file ends it first and starts it in the same console', async () => {
    const bench = await open();
    const first = bench.workbench.runFile('server.lua');
    await settle();
    const second = bench.workbench.runFile('server.lua');
    expect(second).toBe(first);
    expect(phases(bench)).toEqual(['running']);
    await settle();
    const sent = bench.workers[0]!.sent.map(({ kind }) => kind).filter(
      (kind) => kind === 'run' || kind === 'stop',
    );
    expect(sent).toEqual(['run', 'stop', 'run']);
    expect(phases(bench)).toEqual(['running']);
    expect(bench.workbench.state.machine.listeners).toHaveLength(1);
  });

  test('a typed line is shown, sent, and answered', async () => {
    const bench = await open();
    const id = bench.workbench.runFile('client.lua')!;
    await settle();
    bench.workbench.sendLine(id, 'hello');
    await settle();
    expect(shown(bench, id)).toEqual([
      'started',
      'Press enter after input something:',
      'hello',
      'Client 1 Send : hello',
    ]);
    expect(bench.workers[0]!.sent.at(-2)).toMatchObject({ kind: 'stdin', text: 'hello\n' });
  });

  test('Stop before the machine has answered leaves no process behind', async () => {
    const bench = await open();
    const id = bench.workbench.runFile('server.lua')!;
    bench.workbench.stop(id);
    await settle();
    expect(phases(bench)).toEqual(['refused']);
    expect(bench.workbench.state.machine.listeners).toEqual([]);
  });

  test('a closed console’s process is stopped even when it starts late', async () => {
    const bench = await open();
    const worker = bench.workers[0]!;
    worker.deafTo.add('run');
    const id = bench.workbench.runFile('server.lua')!;
    await settle();
    bench.workbench.closeConsole(id);
    const [run] = worker.kinds('run');
    worker.tell({ kind: 'started', request: run!.kind === 'run' ? run.request : 0, pid: 9 });
    await settle();
    expect(worker.sent.at(-1)).toEqual({ kind: 'stop', pid: 9 });
    expect(consoles(bench)).toEqual([]);
  });

  test('the consoles are bounded: the oldest ended one makes room', async () => {
    const bench = await open();
    for (let count = 0; count < limits.consoles + 3; count++) {
      const id = bench.workbench.runCopy('client.lua')!;
      await settle();
      bench.workbench.stop(id);
      await settle();
    }
    expect(consoles(bench)).toHaveLength(limits.consoles);
  });

  test('when every console has a running process, one more is refused and told', async () => {
    const bench = await open();
    const notices: Notice[] = [];
    bench.workbench.onNotice((notice) => notices.push(notice));
    for (let count = 0; count < limits.consoles; count++) bench.workbench.runCopy('client.lua');
    await settle();
    expect(notices).toEqual([]);
    expect(bench.workbench.runCopy('client.lua')).toBeNull();
    expect(notices).toEqual([{ kind: 'full' }]);
    expect(consoles(bench)).toHaveLength(limits.consoles);
  });

  test('output is shown within a frame’s share and given back to the worker', async () => {
    const bench = await open();
    const id = bench.workbench.runFile('client.lua')!;
    await settle();
    const worker = bench.workers[0]!;
    const text = 'line\n'.repeat(limits.frameLines * 2);
    worker.tell({ kind: 'output', pid: 1, stream: 'stdout', text, bytes: text.length, dropped: 0 });
    bench.frame();
    expect(bench.workbench.scrollbackOf(id).lines.length).toBeLessThanOrEqual(
      limits.frameLines + 1,
    );
    for (let frame = 0; frame < 4; frame++) bench.frame();
    const given = worker
      .kinds('shown')
      .reduce((sum, one) => sum + (one.kind === 'shown' ? one.bytes : 0), 0);
    expect(given).toBe(text.length + 'Press enter after input something:\n'.length);
  });
});

describe('a machine that fails', () => {
  test('a process that does not answer Stop is told after a while, and a new machine helps', async () => {
    const bench = await open();
    const id = bench.workbench.runFile('server.lua')!;
    await settle();
    bench.workers[0]!.deafTo.add('stop');
    bench.workbench.stop(id);
    await bench.clock.advance(spans.stopPatienceMs);
    expect(bench.workbench.state.isSilent).toBe(true);
    bench.workbench.restartMachine();
    await settle();
    expect(bench.workers.map((worker) => worker.isTerminated)).toEqual([true, false]);
    expect(phases(bench)).toEqual(['ended']);
    expect(bench.workbench.state.isSilent).toBe(false);
    bench.workbench.runFile('server.lua');
    await settle();
    expect(phases(bench)).toEqual(['running']);
    expect(bench.workers[1]!.kinds('put-files')).toHaveLength(1);
  });

  test('a crash ends every process and is told', async () => {
    const bench = await open();
    void bench.workbench.runProject();
    await settle();
    bench.workers[0]!.tell({ kind: 'crashed', message: 'out of memory' });
    expect(phases(bench)).toEqual(['ended', 'ended']);
    expect(bench.workbench.state.machine.machine).toEqual({
      kind: 'crashed',
      message: 'out of memory',
    });
    expect(bench.workbench.state.machine.listeners).toEqual([]);
  });
});

describe('files', () => {
  test('a compile error stands at its line until it is mended', async () => {
    const bench = await open();
    bench.workbench.edit('client.lua', 'print()\nx =');
    await bench.clock.advance(spans.checkDelayMs);
    expect(bench.workbench.state.errors.get('client.lua')).toMatchObject({ line: 2 });
    bench.workbench.edit('client.lua', 'print()');
    await bench.clock.advance(spans.checkDelayMs);
    expect(bench.workbench.state.errors.size).toBe(0);
  });

  test('changes outlive the page, reset forgets them', async () => {
    const bench = await open();
    bench.workbench.edit('client.lua', 'mine');
    await bench.clock.advance(spans.saveDelayMs);
    expect((await bench.store.load('echo'))?.files[1]?.content).toBe('mine');
    expect([...bench.workbench.state.changedProjects]).toEqual(['echo']);
    bench.workbench.resetFile('client.lua');
    await bench.clock.advance(spans.saveDelayMs);
    expect(await bench.store.load('echo')).toBeNull();
  });

  test('switching projects keeps what was not yet saved and stops what ran', async () => {
    const bench = await open();
    const notices: Notice[] = [];
    bench.workbench.onNotice((notice) => notices.push(notice));
    bench.workbench.runFile('server.lua');
    await settle();
    bench.workbench.edit('client.lua', 'unsaved');
    await bench.workbench.openProject(ownProjectId);
    await settle();
    expect(notices).toEqual([{ kind: 'switched', count: 1 }]);
    expect(consoles(bench)).toEqual([]);
    expect(bench.workbench.state.machine.listeners).toEqual([]);
    await bench.workbench.openProject('echo');
    expect(bench.workbench.state.project.files[1]?.content).toBe('unsaved');
  });

  test('what a script writes appears in the project; the machine does not get it back', async () => {
    const bench = await open();
    bench.workbench.runFile('server.lua');
    await settle();
    const worker = bench.workers[0]!;
    const body = new TextEncoder().encode('hello');
    worker.tell({
      kind: 'files-changed',
      files: { 'out.txt': body, 'raw.bin': Uint8Array.of(0, 1) },
    });
    expect(bench.workbench.state.project.files.map((file) => file.path)).toEqual([
      'server.lua',
      'client.lua',
      'out.txt',
      'raw.bin',
    ]);
    expect(bench.workbench.state.project.files[2]?.content).toBe('hello');
    bench.workbench.runFile('client.lua');
    await settle();
    expect(worker.kinds('put-files')).toHaveLength(1);
    worker.tell({ kind: 'files-changed', files: { 'out.txt': null } });
    expect(bench.workbench.state.project.files.map((file) => file.path)).not.toContain('out.txt');
  });

  test('an upload into the empty server.lua fills it, another one stands beside', async () => {
    const bench = await open(ownProjectId);
    const bytes = new TextEncoder().encode('print(1)');
    bench.workbench.uploadFile('server.lua', bytes);
    bench.workbench.uploadFile('server.lua', bytes);
    const files = bench.workbench.state.project.files.map((file) => [file.path, file.content]);
    expect(files).toEqual([
      ['server.lua', 'print(1)'],
      ['client.lua', ''],
      ['server2.lua', 'print(1)'],
    ]);
  });
});

describe('the tunnel', () => {
  const offer = (token: string) =>
    new Response(JSON.stringify({ version: '1', wisp: `/wisp/${token}/`, rules: {} }));
  const url = (token: string) => `ws://127.0.0.1:8080/wisp/${token}/`;
  const sent = (bench: Bench) =>
    bench.workers
      .at(-1)!
      .kinds('tunnel')
      .map((message) => (message.kind === 'tunnel' ? message.url : ''));
  const tell = (bench: Bench, state: TunnelState) =>
    bench.workers.at(-1)!.tell({ kind: 'tunnel', state });

  test('leads where moonwire.json says', async () => {
    const bench = await open();
    bench.offer = offer('A');
    await bench.workbench.refreshTunnel();
    expect(sent(bench)).toEqual([url('A')]);
  });

  test('stays away on a plain file server', async () => {
    const bench = await open();
    await bench.workbench.refreshTunnel();
    expect(sent(bench)).toEqual([]);
    expect(bench.workbench.state.offer).toEqual({ kind: 'none' });
    expect(bench.clock.waiting).toBe(0);
  });

  test('takes the new token once the proxy is back', async () => {
    const bench = await open();
    bench.offer = offer('A');
    await bench.workbench.refreshTunnel();
    bench.offer = null;
    tell(bench, { phase: 'waiting', url: url('A'), why: 'closed', retryInMs: 1000 });
    await bench.clock.advance(spans.tunnelPollMs * 3);
    expect(sent(bench)).toEqual([url('A')]);
    bench.offer = offer('B');
    await bench.clock.advance(spans.tunnelPollMs);
    expect(sent(bench)).toEqual([url('A'), url('B')]);
  });

  test('Run asks for the proxy at once and waits for the tunnel', async () => {
    const bench = await open();
    bench.offer = offer('A');
    await bench.workbench.refreshTunnel();
    tell(bench, { phase: 'blocked', url: url('A'), why: 'wrong token' });
    bench.offer = offer('B');
    bench.workbench.runFile('client.lua');
    await settle();
    expect(sent(bench)).toEqual([url('A'), url('B')]);
    expect(phases(bench)).toEqual(['starting']);
    tell(bench, { phase: 'connecting', url: url('B') });
    tell(bench, { phase: 'open', url: url('B'), version: 2, sockets: true });
    await settle();
    expect(phases(bench)).toEqual(['running']);
  });

  test('Run right after the page opened waits for the proxy’s answer, and no longer than the grace', async () => {
    const bench = await open();
    bench.offer = offer('A');
    bench.workers[0]!.deafTo.add('tunnel');
    bench.workbench.runFile('client.lua');
    await settle();
    expect(sent(bench)).toEqual([url('A')]);
    expect(phases(bench)).toEqual(['starting']);
    await bench.clock.advance(spans.tunnelGraceMs);
    expect(phases(bench)).toEqual(['running']);
  });

  test('a proxy that is back under the same address is tried at once', async () => {
    const bench = await open();
    bench.offer = offer('A');
    await bench.workbench.refreshTunnel();
    const lost: TunnelState = { phase: 'waiting', url: url('A'), why: 'closed', retryInMs: 30_000 };
    bench.offer = null;
    tell(bench, lost);
    await bench.clock.advance(spans.tunnelPollMs);
    bench.offer = offer('A');
    await bench.clock.advance(spans.tunnelPollMs);
    expect(sent(bench)).toEqual([url('A'), url('A')]);
    tell(bench, lost);
    bench.workbench.runFile('client.lua');
    await settle();
    expect(sent(bench)).toHaveLength(3);
  });

  test('a proxy that is gone does not hold Run up', async () => {
    const bench = await open();
    bench.offer = offer('A');
    await bench.workbench.refreshTunnel();
    tell(bench, { phase: 'waiting', url: url('A'), why: 'closed', retryInMs: 9000 });
    bench.offer = null;
    bench.workbench.runFile('client.lua');
    await settle();
    expect(phases(bench)).toEqual(['running']);
  });

  test('a server of one’s own choice is used instead, and none at all too', async () => {
    const bench = await open();
    bench.workbench.setTunnelChoice({ kind: 'url', url: 'wss://other.example/' });
    bench.workbench.setTunnelChoice({ kind: 'off' });
    expect(sent(bench)).toEqual(['wss://other.example/', null]);
  });

  test('a new machine gets the same tunnel', async () => {
    const bench = await open();
    bench.workbench.setTunnelChoice({ kind: 'url', url: 'wss://other.example/' });
    bench.workbench.restartMachine();
    await settle();
    expect(sent(bench)).toEqual(['wss://other.example/']);
  });
});

describe('Lua 5.1 spellings', () => {
  const ran = (bench: Bench) =>
    bench.workers[0]!.kinds('run').map((run) => run.kind === 'run' && run.lua51);
  const run = async (bench: Bench, text: string, module = ''): Promise<string[]> => {
    bench.workbench.edit('server.lua', text);
    bench.workbench.edit('client.lua', module);
    const id = bench.workbench.runCopy('server.lua')!;
    await settle();
    return shown(bench, id);
  };

  test('are on, and said to be, for a script that was written for 5.1', async () => {
    const bench = await open('own');
    expect(await run(bench, 'print(unpack{1, 2})')).toContain('lua51-on');
    expect(await run(bench, 'print(table.unpack{1, 2})')).not.toContain('lua51-on');
    expect(ran(bench)).toEqual([true, false]);
  });

  test('are on when a module of the project needs them', async () => {
    const bench = await open('own');
    await run(bench, 'require "client"', 'module(..., package.seeall)');
    await run(bench, 'print("client")', 'module(..., package.seeall)');
    expect(ran(bench)).toEqual([true, false]);
  });

  test('are as the project says when it says so, and the project is kept with it', async () => {
    const bench = await open('own');
    bench.workbench.switchSpellings();
    expect(await run(bench, 'print(1)')).not.toContain('lua51-on');
    bench.workbench.switchSpellings();
    await run(bench, 'print(unpack{1})');
    expect(ran(bench)).toEqual([true, false]);
    await bench.workbench.saveNow();
    await bench.workbench.openProject('echo');
    await bench.workbench.openProject('own');
    expect(bench.workbench.state.project.spellings).toBe('off');
  });

  test('are hinted at when a script fails for want of them', async () => {
    const bench = await open('own');
    bench.workbench.edit('server.lua', 'x');
    const id = bench.workbench.runCopy('server.lua')!;
    await settle();
    const pid = bench.workbench.state.machine.consoles[0]!.phase;
    bench.workers[0]!.tell({
      kind: 'output',
      pid: pid.kind === 'running' ? pid.pid : 0,
      stream: 'stderr',
      text: "lua: server.lua:1: attempt to call a nil value (global 'unpack')\n",
      bytes: 1,
      dropped: 0,
    });
    expect(shown(bench, id)).toContain('lua51-missing');
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const moonwire = `${root}moonwire`;

/** What the issue asks of a second start. */
const START_MS = 3000;
const JEST_MS = 30_000;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], input = ''): Ended {
  return spawnSync(moonwire, args, { input, encoding: 'utf8', timeout: JEST_MS });
}

async function listen(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function freePort(): Promise<number> {
  const taken = await listen();
  taken.close();
  return taken.port;
}

describe('./moonwire', () => {
  test('lists its commands when asked, and when told nothing', () => {
    for (const args of [['--help'], ['help'], []]) {
      const { status, stdout } = run(args);
      expect(status).toBe(0);
      for (const command of ['run', 'test', 'lua', 'proxy', 'bench', 'check', 'format', 'build']) {
        expect(stdout).toContain(`\n  ${command} `);
      }
    }
  });

  test('names a command that it does not have', () => {
    expect(run(['fly'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no command called 'fly'") as unknown,
    });
  });

  test.each(['run', 'test', 'lua', 'proxy', 'bench', 'check', 'format', 'build'])(
    '%s has a help of its own',
    (command) => {
      const { status, stdout } = run([command, '--help']);
      expect(status).toBe(0);
      expect(stdout.length).toBeGreaterThan(80);
    },
  );

  test('a wrong port, layer or part is named, and nothing is started', () => {
    expect(run(['run', '--port', '70000']).stderr).toContain('a port is a number');
    expect(run(['test', 'luck']).stderr).toContain("no layer called 'luck'");
    expect(run(['build', 'castle']).stderr).toContain("no part called 'castle'");
    expect(run(['bench', 'luck']).stderr).toContain("no measurement called 'luck'");
    expect(run(['check', 'luck']).stderr).toContain("no rule called 'luck'");
  });
});

describe('./moonwire lua', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'moonwire-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const script = (text: string): string => {
    const file = join(folder, 'script.lua');
    writeFileSync(file, text);
    return file;
  };

  test('passes arguments, input, output, error and status as lua does', () => {
    const file = script(`
      io.write(#arg, " ", arg[1], " ", (...), " ", io.read("l"))
      io.stderr:write("to standard error")
      os.exit(7)`);
    expect(run(['lua', file, '--port', 'two words'], 'typed\n')).toMatchObject({
      status: 7,
      stdout: '2 --port --port typed',
      stderr: 'to standard error',
    });
  });

  test('ends with status 1 and a traceback after an error', () => {
    const { status, stderr } = run(['lua', script('error("on purpose")')]);
    expect(status).toBe(1);
    expect(stderr).toContain('script.lua:1: on purpose\nstack traceback:');
  });

  test('ends with status 124 when its time is over', () => {
    expect(run(['lua', '--timeout', '0.2', script('while true do end')]).status).toBe(124);
  });
});

describe('./moonwire run', () => {
  test('refuses a port that is taken, and names it', async () => {
    const taken = await listen();
    const { status, stderr } = run(['run', '--no-open', '--port', String(taken.port)]);
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`port ${String(taken.port)} is taken`);
  });

  test(
    'prints the address within three seconds, serves the page, and ends when interrupted',
    async () => {
      const port = await freePort();
      const began = performance.now();
      const child = spawn(moonwire, ['run', '--no-open', '--port', String(port)]);
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      let said = '';
      await new Promise<void>((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (said.includes('\n')) resolve();
        });
        child.once('exit', () => {
          resolve();
        });
      });
      const took = performance.now() - began;
      const address = `http://127.0.0.1:${String(port)}/`;
      expect(said).toContain(address);
      expect(await (await fetch(address)).text()).toContain('<title>');
      child.kill('SIGINT');
      expect(await ended).toBe(0);
      await expect(fetch(address)).rejects.toThrow();
      expect(took).toBeLessThan(START_MS);
    },
    JEST_MS,
  );
});

// LuaSocket's protocols from the machine, through our proxy, against the servers people run: vsftpd, nginx, aiosmtpd.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, Proxy } from '../support/peers.ts';

jest.setTimeout(60_000); // each test starts processes, on a busy computer too

const bundle = fileURLToPath(new URL('../../../build/node/lua.mjs', import.meta.url));
// Where Debian keeps servers; not on everybody's PATH.
const path = ['/usr/sbin', '/usr/bin', process.env['PATH'] ?? ''].join(delimiter);

function isInstalled(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { env: { PATH: path } });
    return true;
  } catch {
    return false;
  }
}

// An address of this machine beyond its loopback. A passive FTP server names the address for the data itself, and 127.0.0.1
// means the tab's own loopback to a script.
const address =
  Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find((one) => one.family === 'IPv4' && !one.internal)?.address ?? null;

let folder: string;
let proxy: Proxy;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'moonwire-servers-'));
  chmodSync(folder, 0o755);
  proxy = await Proxy.start(
    0,
    ...(address === null ? [] : ['--allow', `${address}:*`, '--publish', `${address}:1024-65535`]),
  );
});
afterAll(async () => {
  await proxy.close();
  rmSync(folder, { recursive: true });
});

/** A server of the system's, from its start until it is stopped. */
class Daemon {
  readonly #child: ChildProcess;
  output = '';

  private constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, {
      env: { PATH: path, PYTHONUNBUFFERED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (bytes: Buffer) => (this.output += bytes.toString('latin1')));
  }

  /** Resolves once it takes connections. */
  static async start(
    port: number,
    command: string,
    args: readonly string[],
    host = '127.0.0.1',
  ): Promise<Daemon> {
    const daemon = new Daemon(command, args);
    for (let attempt = 0; ; attempt++) {
      const answers = await new Promise<boolean>((resolve) => {
        const socket = connect(port, host);
        socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      });
      if (answers) return daemon;
      if (attempt === 200 || daemon.#child.exitCode !== null)
        throw new Error(`${command} does not answer: ${daemon.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** Runs a script with the proxy. @returns its standard output; what it complains of fails the test. */
async function lua(code: string, ...args: readonly string[]): Promise<string> {
  const file = join(folder, 'script.lua');
  writeFileSync(file, code);
  const options = ['--proxy', proxy.url, '--timeout', '60'];
  const child = spawn(process.execPath, [bundle, ...options, file, ...args], { cwd: folder });
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString('latin1')));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString('latin1')));
  child.stdin.end();
  await new Promise((resolve) => child.on('close', resolve));
  expect(err).toBe('');
  return out;
}

(isInstalled('vsftpd') && address !== null ? describe : describe.skip)('ftp against vsftpd', () => {
  let port: number;
  let root: string;
  let server: Daemon;
  const large = randomBytes(300_000);
  beforeAll(async () => {
    port = await freePort();
    root = join(folder, 'ftp');
    mkdirSync(join(root, 'upload'), { recursive: true });
    chmodSync(join(root, 'upload'), 0o777);
    writeFileSync(join(root, 'hello.txt'), 'hello from vsftpd\n');
    writeFileSync(join(root, 'large.bin'), large);
    const settings = [
      ...['listen=YES', `listen_port=${port}`, `listen_address=${address ?? ''}`, 'background=NO'],
      ...['anonymous_enable=YES', 'no_anon_password=YES', `anon_root=${root}`],
      ...['run_as_launching_user=YES', 'write_enable=YES', 'anon_upload_enable=YES'],
      ...['anon_other_write_enable=YES', 'anon_world_readable_only=NO', 'seccomp_sandbox=NO'],
      ...['connect_from_port_20=NO', `secure_chroot_dir=${root}`, 'ftp_username=nobody'],
      'allow_writeable_chroot=YES',
    ];
    writeFileSync(join(folder, 'vsftpd.conf'), settings.map((line) => `${line}\n`).join(''));
    server = await Daemon.start(port, 'vsftpd', [join(folder, 'vsftpd.conf')], address ?? '');
  });
  afterAll(async () => await server.stop());

  test('get and put, passive', async () => {
    const out = await lua(
      `local ftp = require "socket.ftp"
       local base = ("ftp://%s:%s"):format(arg[1], arg[2])
       io.write((assert(ftp.get(base .. "/hello.txt;type=a")):gsub("\\r", "")))
       io.write(#assert(ftp.get(base .. "/large.bin;type=i")), "\\n")
       print(ftp.put(base .. "/upload/up.txt;type=i", "from the machine"))
       print(ftp.get(base .. "/missing.txt"))`,
      address ?? '',
      String(port),
    );
    expect(out).toBe('hello from vsftpd\n300000\n16.0\nnil\t550 Failed to open file.\n');
    expect(readFileSync(join(root, 'upload/up.txt'), 'latin1')).toBe('from the machine');
  });

  test('a large file comes whole, and a listing', async () => {
    const out = await lua(
      `local ftp, ltn12 = require "socket.ftp", require "ltn12"
       local parts = {}
       assert(ftp.get { host = arg[1], port = arg[2], path = "/large.bin", type = "i",
         sink = ltn12.sink.file(io.open("copy.bin", "wb")) })
       ftp.get { host = arg[1], port = arg[2], command = "nlst", path = ".",
         sink = ltn12.sink.table(parts) }
       print((table.concat(parts):gsub("\\r\\n", " ")))`,
      address ?? '',
      String(port),
    );
    expect(out.split(' ')).toContain('hello.txt');
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(digest(readFileSync(join(folder, 'copy.bin')))).toBe(digest(large));
  });

  test('active: the server dials back to a socket of the script’s, which the proxy publishes', async () => {
    const data = await freePort();
    const out = await lua(
      `local socket, ftp, ltn12 = require "socket", require "socket.ftp", require "ltn12"
       local f = ftp.open(arg[1], arg[2])
       f:greet() f:login()
       f.server = assert(socket.bind("*", arg[3]))
       f:eprt("1", arg[1], arg[3])
       local got = {}
       f:type "i"
       print(f:receive { path = "/hello.txt", command = "retr", sink = ltn12.sink.table(got) })
       io.write(table.concat(got))
       f:eprt("1", arg[1], arg[3])
       print(f:send { path = "/upload/active.txt", command = "stor",
         source = ltn12.source.string "actively sent" })
       f.server:close() f:quit() print(f:close())`,
      address ?? '',
      String(port),
      String(data),
    );
    expect(out).toMatch(/^1\nhello from vsftpd\n[\d.]+\n1(\.0)?\n$/);
    expect(readFileSync(join(root, 'upload/active.txt'), 'latin1')).toBe('actively sent');
  });
});

(isInstalled('aiosmtpd') ? describe : describe.skip)('smtp against aiosmtpd', () => {
  let port: number;
  let server: Daemon;
  beforeAll(async () => {
    port = await freePort();
    server = await Daemon.start(port, 'aiosmtpd', [
      ...['-n', '-l', `127.0.0.1:${port}`],
      ...['-c', 'aiosmtpd.handlers.Debugging', 'stdout'],
    ]);
  });
  afterAll(async () => await server.stop());

  test('a message with an attachment and lines of dots arrives as it was sent', async () => {
    const out = await lua(
      `local smtp, mime, ltn12 = require "socket.smtp", require "mime", require "ltn12"
       print(smtp.send {
         from = "<moon@example.test>", rcpt = { "<earth@example.test>", "<mars@example.test>" },
         server = "proxy.internal", port = arg[1],
         source = smtp.message {
           headers = { to = "Earth <earth@example.test>", subject = "from the tab" },
           body = {
             preamble = "several parts",
             { body = mime.eol(0, ".starts with a dot\\n..two\\n.\\nlast\\n") },
             { headers = { ["content-type"] = 'application/octet-stream; name="x.bin"',
                 ["content-transfer-encoding"] = "BASE64" },
               body = ltn12.source.chain(ltn12.source.string(("\\0\\255"):rep(100)),
                 ltn12.filter.chain(mime.encode "base64", mime.wrap())) },
           },
         },
       })`,
      String(port),
    );
    expect(out).toBe('1\n');
    expect(server.output).toContain('Subject: from the tab');
    expect(server.output).toContain('\n.starts with a dot\n..two\n.\nlast\n');
    expect(server.output).toContain(
      Buffer.from('\0\xff'.repeat(100), 'latin1').toString('base64').slice(0, 76),
    );
  });

  test('what the server refuses comes back as its words', async () => {
    const out = await lua(
      `local smtp = require "socket.smtp"
       print(smtp.send { from = "no brackets at all <", rcpt = "<x@example.test>",
         server = "proxy.internal", port = arg[1],
         source = smtp.message { headers = {}, body = "x" } })`,
      String(port),
    );
    expect(out).toMatch(/^nil\t5\d\d /);
  });
});

(isInstalled('nginx') ? describe : describe.skip)('http against nginx', () => {
  let port: number;
  let server: Daemon;
  const large = randomBytes(8 * 1024 * 1024);
  beforeAll(async () => {
    port = await freePort();
    const root = join(folder, 'www');
    mkdirSync(root);
    chmodSync(root, 0o755);
    writeFileSync(join(root, 'index.html'), 'front page');
    writeFileSync(join(root, 'large.bin'), large);
    // Server-side includes make the length unknown: the answer comes in chunks.
    writeFileSync(join(root, 'chunked.txt'), '<!--#echo var="uri" -->' + 'x'.repeat(50_000));
    const config = `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr error;
      events { worker_connections 64; }
      http {
        access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
        fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
        server {
          listen 127.0.0.1:${port}; root ${root};
          location = /chunked.txt { ssi on; ssi_types *; }
          location = /moved { return 302 /index.html; }
          location = /far { return 301 http://$http_host/moved; }
          location = /loop { return 302 /loop; }
          location = /private { auth_basic "x"; auth_basic_user_file ${folder}/users; try_files /index.html =404; }
        }
        server { listen 127.0.0.1:${port}; server_name elsewhere.test; location / { return 200 "by proxy: $uri"; } }
      }`;
    writeFileSync(join(folder, 'users'), 'moon:{PLAIN}light\n');
    writeFileSync(join(folder, 'nginx.conf'), config);
    server = await Daemon.start(port, 'nginx', ['-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
  });
  afterAll(async () => await server.stop());

  test('pages, redirects, chunks, a password, a range, and what is missing', async () => {
    const out = await lua(
      `local http, ltn12 = require "socket.http", require "ltn12"
       local base = "http://proxy.internal:" .. arg[1]
       local function show(...) local body, code, headers = http.request(...)
         print(code, type(body) == "string" and #body or body, headers and headers["transfer-encoding"])
         return body, headers end
       print((show(base .. "/")))
       print((show(base .. "/moved")))
       print((show(base .. "/far")))
       show(base .. "/loop")
       print((show(base .. "/chunked.txt"):sub(1, 14)))
       show(base .. "/missing")
       show(base .. "/private")
       show((base:gsub("//", "//moon:light@")) .. "/private")
       show { url = base .. "/", method = "HEAD" }
       local part = {}
       show { url = base .. "/", headers = { range = "bytes=6-9" }, sink = ltn12.sink.table(part) }
       print(table.concat(part))
       show { url = base .. "/moved", redirect = false }`,
      String(port),
    );
    expect(out.replaceAll(/^(\d\d\d\t)\d{3}\t/gm, '$1some\t').split('\n')).toEqual([
      ...['200\t10\tnil', 'front page', '200\t10\tnil', 'front page', '200\t10\tnil', 'front page'],
      ...['302\tsome\tnil', '200\t50012\tchunked', '/chunked.txtxx'],
      ...['404\tsome\tnil', '401\tsome\tnil', '200\t10\tnil', '200\t1\tnil'],
      ...['206\t1\tnil', 'page', '302\t1\tnil', ''],
    ]);
  });

  test('a large body comes whole', async () => {
    await lua(
      `local http, ltn12 = require "socket.http", require "ltn12"
       assert(http.request { url = "http://proxy.internal:" .. arg[1] .. "/large.bin",
         sink = ltn12.sink.file(io.open("large.bin", "wb")) })`,
      String(port),
    );
    expect(readFileSync(join(folder, 'large.bin')).equals(large)).toBe(true);
  });

  test('as an HTTP proxy, for a name that nobody knows', async () => {
    const out = await lua(
      `local http = require "socket.http"
       http.PROXY = "http://proxy.internal:" .. arg[1]
       print((http.request "http://elsewhere.test/some/where"))`,
      String(port),
    );
    expect(out).toBe('by proxy: /some/where\n');
  });
});

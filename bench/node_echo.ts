// Round trips of a client in Node, which is how the table of peers was measured: sockets of node:net and frames by hand, so
// that the client's own cost is the same before every proxy. (The native load generator's is a fifth of it, and shows the
// relay's share of a round trip larger than that table does.)
import { connect, type Socket } from 'node:net';

import { median } from './report.ts';

const PAYLOAD = Buffer.alloc(64, 'x');
/** Rounds before the measured ones, for the compilers in both. */
const WARM_UP = 500;
const BINARY = 0x82;
const MASKED = 0x80;
/** Frames written here are short, and their mask is 0: the payload stays as it is. */
const MASK = Buffer.alloc(4);
/** Lengths from here on stand in further bytes of a frame's header (RFC 6455, 5.2). */
const LONG = 126;
const WISP_CONNECT = 1;
const WISP_DATA = 2;
const STREAM = 1;
const TCP = 1;

/** Which protocol stands between the client and the echo. */
export type Protocol = 'tcp' | 'websockify' | 'wisp';

function frame(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(BINARY, MASKED | payload.length), MASK, payload]);
}

function wisp(type: number, ...payload: Buffer[]): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeUInt32LE(STREAM, 1);
  return Buffer.concat([head, ...payload]);
}

/** Takes whole frames from the front of `bytes`. @return the payloads, and what is left over. */
function takeFrames(bytes: Buffer): { payloads: Buffer[]; rest: Buffer } {
  const payloads: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 2) {
    const size = bytes.readUInt8(at + 1);
    if (size >= LONG) throw new Error('an echo came back in a longer frame than it was sent in');
    if (bytes.length - at < 2 + size) break;
    payloads.push(bytes.subarray(at + 2, at + 2 + size));
    at += 2 + size;
  }
  return { payloads, rest: bytes.subarray(at) };
}

async function opened(port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(socket);
    });
  });
}

/** Upgrades to a WebSocket. @return what came behind the server's answer. */
async function upgraded(socket: Socket, port: number, path: string): Promise<Buffer> {
  const host = `127.0.0.1:${String(port)}`;
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Origin: http://${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...(path === '/wisp/' ? [] : ['Sec-WebSocket-Protocol: binary']),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let answer = Buffer.alloc(0);
  for (;;) {
    answer = Buffer.concat([answer, await arrived(socket)]);
    const end = answer.indexOf('\r\n\r\n');
    if (end >= 0) return answer.subarray(end + 4);
  }
}

async function arrived(socket: Socket): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const broken = (): void => {
      reject(new Error('the echo was cut'));
    };
    socket.once('close', broken);
    socket.once('data', (bytes: Buffer) => {
      socket.off('close', broken);
      resolve(bytes);
    });
  });
}

/** One message out; ready when its answer has been counted in full. */
interface Exchange {
  readonly request: Buffer;
  /** @return how many bytes of the echo are among what arrived. */
  readonly count: (bytes: Buffer) => number;
}

async function prepare(
  socket: Socket,
  protocol: Protocol,
  port: number,
  echo: number,
): Promise<Exchange> {
  if (protocol === 'tcp') return { request: PAYLOAD, count: (bytes) => bytes.length };
  let rest = await upgraded(socket, port, protocol === 'wisp' ? '/wisp/' : '/');
  const framed = (count: (payload: Buffer) => number) => (bytes: Buffer) => {
    const taken = takeFrames(rest.length === 0 ? bytes : Buffer.concat([rest, bytes]));
    rest = taken.rest;
    return taken.payloads.reduce((sum, payload) => sum + count(payload), 0);
  };
  if (protocol === 'websockify') {
    return { request: frame(PAYLOAD), count: framed((payload) => payload.length) };
  }
  const target = Buffer.from('...127.0.0.1');
  target.writeUInt8(TCP, 0);
  target.writeUInt16LE(echo, 1);
  socket.write(frame(wisp(WISP_CONNECT, target)));
  const head = wisp(WISP_DATA);
  return {
    request: frame(wisp(WISP_DATA, PAYLOAD)),
    count: framed((packet) =>
      packet.subarray(0, head.length).equals(head) ? packet.length - head.length : 0,
    ),
  };
}

/** @param port where the proxy listens, or the echo itself. @param echo the far end, for a protocol that names it.
 * @return the median of the round trips, in microseconds. */
export async function nodeEcho(
  protocol: Protocol,
  port: number,
  echo: number,
  rounds: number,
): Promise<number> {
  const socket = await opened(port);
  try {
    const { request, count } = await prepare(socket, protocol, port, echo);
    return await new Promise((resolve, reject) => {
      const times: number[] = [];
      let warm = WARM_UP;
      let left = 0;
      let began = 0;
      const send = (): void => {
        left = PAYLOAD.length;
        began = performance.now();
        socket.write(request);
      };
      socket.on('data', (bytes: Buffer) => {
        left -= count(bytes);
        if (left > 0) return;
        if (warm > 0) warm -= 1;
        else times.push((performance.now() - began) * 1000);
        if (times.length < rounds) send();
        else resolve(median(times));
      });
      socket.once('close', () => {
        reject(new Error('the echo was cut'));
      });
      send();
    });
  } finally {
    socket.destroy();
  }
}

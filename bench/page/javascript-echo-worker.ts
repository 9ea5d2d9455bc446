// The peer: the same round trips in JavaScript by hand, one Wisp stream and nothing else.
import type { Answer, EchoTask } from './task.ts';

declare const self: typeof globalThis & {
  onmessage: ((event: { readonly data: EchoTask }) => void) | null;
  postMessage(answer: Answer): void;
};

const CONNECT = 1;
const DATA = 2;
const TCP = 1;
const HEADER_BYTES = 5;
const LINE_BYTES = 64;

function packet(type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes[0] = type;
  bytes[1] = 1; // the stream's id, 32 bits, least significant byte first
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

async function run({ url, port, roundTrips, batch, quantile }: EchoTask): Promise<Answer> {
  return await new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    const times: number[] = [];
    const line = packet(DATA, new Uint8Array(LINE_BYTES).fill(120));
    let trips = 0;
    let missing = 0;
    let began = 0;
    const send = (): void => {
      missing = LINE_BYTES;
      if (trips % batch === 0) began = performance.now();
      socket.send(line);
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const bytes = new Uint8Array(data);
      if (bytes[0] !== DATA) {
        if (missing > 0 || bytes[1] !== 0) return; // the credit of stream 0 comes first of all
        const address = new TextEncoder().encode('...127.0.0.1');
        address.set([TCP, port & 0xff, port >> 8]);
        socket.send(packet(CONNECT, address));
        send();
        return;
      }
      missing -= bytes.length - HEADER_BYTES;
      if (missing > 0) return;
      trips += 1;
      if (trips % batch === 0 && trips > roundTrips / 10) {
        times.push((performance.now() - began) / batch);
      }
      if (trips < roundTrips) {
        send();
        return;
      }
      socket.close();
      times.sort((a, b) => a - b);
      resolve({ ms: times[Math.floor(times.length * quantile)] ?? Number.NaN });
    };
    socket.onclose = ({ code, reason }) => {
      resolve({ error: `closed: ${String(code)} ${reason}` });
    };
  });
}

self.onmessage = (event: { readonly data: EchoTask }) => {
  void run(event.data).then((answer) => {
    self.postMessage(answer);
  });
};

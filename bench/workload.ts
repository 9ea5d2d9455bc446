// What bench tunnel asks of every way to the far ends: the same work, whatever carries it.
import type { Stream, Way } from './clients.ts';

export interface Transfer {
  readonly mibPerSecond: number;
  readonly gib: number;
}

const BLOCK = Buffer.alloc(64 * 1024, 'x');
const MIB = 1024 * 1024;
const MESSAGE = Buffer.alloc(64, 'x');

function transfer(bytes: number, began: number): Transfer {
  const seconds = (performance.now() - began) / 1000;
  return { mibPerSecond: bytes / MIB / seconds, gib: bytes / MIB / 1024 };
}

/** Reads `bytes` from the source. */
export async function download(way: Way, port: number, bytes: number): Promise<Transfer> {
  const stream = await way.open(port);
  const began = performance.now();
  let got = 0;
  await new Promise<void>((resolve, reject) => {
    stream.onData = (block) => {
      got += block.length;
      if (got >= bytes) resolve();
    };
    stream.onClose = () => {
      reject(new Error('the download was cut'));
    };
  });
  const result = transfer(got, began);
  stream.onClose = () => undefined;
  stream.close();
  return result;
}

/** Writes `bytes` to an echo-less far end that reads everything; ended when all was handed over and taken. */
export async function upload(way: Way, port: number, bytes: number): Promise<Transfer> {
  const stream = await way.open(port);
  const began = performance.now();
  let sent = 0;
  await new Promise<void>((resolve, reject) => {
    const pour = (): void => {
      while (sent < bytes) {
        sent += BLOCK.length;
        if (!stream.send(BLOCK)) return;
      }
      resolve();
    };
    stream.onRoom = pour;
    stream.onClose = () => {
      reject(new Error('the upload was cut'));
    };
    pour();
  });
  const result = transfer(sent, began);
  stream.onClose = () => undefined;
  stream.close();
  return result;
}

/** Sends one message and waits until all of it came back. */
async function roundTrip(stream: Stream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let left = MESSAGE.length;
    stream.onData = (bytes) => {
      left -= bytes.length;
      if (left <= 0) resolve();
    };
    stream.onClose = () => {
      reject(new Error('the echo was cut'));
    };
    stream.send(MESSAGE);
  });
}

/** Round trips one after the other, in microseconds each. */
export async function echo(way: Way, port: number, count: number): Promise<number[]> {
  const stream = await way.open(port);
  for (let warm = 0; warm < count / 10; warm += 1) await roundTrip(stream);
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const began = performance.now();
    await roundTrip(stream);
    times.push((performance.now() - began) * 1000);
  }
  stream.onClose = () => undefined;
  stream.close();
  return times;
}

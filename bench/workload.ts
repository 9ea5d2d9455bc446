// What is asked of every way to the far ends: the same work, whatever carries it.
import type { Stream, Way } from './clients.ts';
import { median, percentile } from './report.ts';

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

/** Opens, uses and closes streams, some at once; returns how many a second. */
export async function opens(
  way: Way,
  port: number,
  count: number,
  atOnce: number,
): Promise<number> {
  let left = count;
  const began = performance.now();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const stream = await way.open(port);
      await roundTrip(stream);
      stream.onClose = () => undefined;
      stream.close();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return count / ((performance.now() - began) / 1000);
}

/** Opens streams that have been used once and now are idle. */
export async function idle(way: Way, port: number, count: number): Promise<Stream[]> {
  const streams: Stream[] = [];
  while (streams.length < count) {
    const more = await Promise.all(Array.from({ length: 50 }, async () => await way.open(port)));
    await Promise.all(more.map(roundTrip));
    streams.push(...more);
  }
  return streams;
}

/** All streams exchange a message at once, again and again; returns round trips a second. */
export async function many(streams: readonly Stream[], rounds: number): Promise<number> {
  const began = performance.now();
  for (let round = 0; round < rounds; round += 1) await Promise.all(streams.map(roundTrip));
  return (streams.length * rounds) / ((performance.now() - began) / 1000);
}

/**
 * Round trips beside a download at full speed: median and 99th percentile, in microseconds. The download ends after `ms`
 * even while a round trip waits: a peer that queues without bound would otherwise fill this machine's memory (wisp-js
 * took 22 GiB in four minutes).
 */
export async function fair(
  way: Way,
  ports: { readonly echo: number; readonly source: number },
  ms: number,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const bulk = await way.open(ports.source);
  const stream = await way.open(ports.echo);
  await roundTrip(stream);
  const times: number[] = [];
  const until = performance.now() + ms;
  const end = setTimeout(() => {
    bulk.onClose = () => undefined;
    bulk.close();
  }, ms);
  while (performance.now() < until) {
    const began = performance.now();
    await roundTrip(stream);
    times.push((performance.now() - began) * 1000);
  }
  clearTimeout(end);
  for (const one of [bulk, stream]) {
    one.onClose = () => undefined;
    one.close();
  }
  return { p50: median(times), p99: percentile(times, 0.99) };
}

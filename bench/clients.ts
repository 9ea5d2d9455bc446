// Clients for the proxies, as small as can be: streams over one Wisp connection or over websockify.
import { WebSocket } from 'ws';

/** One stream to a far end on this machine. */
export interface Stream {
  onData: (bytes: Buffer) => void;
  onClose: () => void;
  /** True: there is room for more; false: wait for onRoom. */
  send(bytes: Buffer): boolean;
  onRoom: () => void;
  close(): void;
}

/** One way to the far ends: all streams of a "tab". */
export interface Way {
  open(port: number): Promise<Stream>;
  end(): void;
}

const nothing = (): void => undefined;
/** What may wait unsent in one WebSocket before a sender pauses. */
const BACKLOG = 1024 * 1024;
const ROOM_POLL_MS = 1;

/** A server may speak first, in the same segment as its handshake: the listener has to be there before. */
async function openSocket(
  url: string,
  protocols: string[],
  onMessage: (bytes: Buffer) => void,
): Promise<WebSocket> {
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      // All proxies have to unmask; the client's own cost of masking is none of theirs.
      generateMask: nothing,
      origin: url.replace(/^ws/, 'http').replace(/\/[^/]*\/?$/, ''),
    });
    socket.on('message', onMessage);
    socket.once('error', reject);
    socket.once('open', () => {
      resolve(socket);
    });
  });
}

/** Waits until a WebSocket has sent most of what it holds. */
function whenDrained(socket: WebSocket, then: () => void): void {
  const poll = (): void => {
    if (socket.bufferedAmount < BACKLOG / 2 || socket.readyState !== WebSocket.OPEN) then();
    else setTimeout(poll, ROOM_POLL_MS);
  };
  poll();
}

/** websockify: one WebSocket per connection; the server decides where it goes. */
export function websockifyWay(portFor: (target: number) => number): Way {
  return {
    open: async (target) => {
      const stream: Stream = {
        onData: nothing,
        onClose: nothing,
        onRoom: nothing,
        send: (bytes) => {
          socket.send(bytes);
          if (socket.bufferedAmount < BACKLOG) return true;
          whenDrained(socket, () => {
            stream.onRoom();
          });
          return false;
        },
        close: () => {
          socket.terminate();
        },
      };
      const url = `ws://127.0.0.1:${String(portFor(target))}/`;
      const socket = await openSocket(url, ['binary'], (bytes) => {
        stream.onData(bytes);
      });
      socket.on('close', () => {
        stream.onClose();
      });
      return stream;
    },
    end: nothing,
  };
}

const CONNECT = 1;
const DATA = 2;
const CONTINUE = 3;
const CLOSE = 4;
const HEADER = 5;
const TCP = 1;
const VOLUNTARY = 2;

interface WispStream extends Stream {
  credit: number;
  waits: boolean;
}

/** Wisp version 1: all streams over one WebSocket, DATA counted against the server's CONTINUE. */
export async function wispWay(url: string): Promise<Way> {
  const streams = new Map<number, WispStream>();
  let lastId = 0;
  let initialCredit = 0;
  let onReady = nothing;
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });

  const packet = (type: number, id: number, payload: Buffer): Buffer => {
    const bytes = Buffer.allocUnsafe(HEADER + payload.length);
    bytes.writeUInt8(type, 0);
    bytes.writeUInt32LE(id, 1);
    payload.copy(bytes, HEADER);
    return bytes;
  };

  const handle = (bytes: Buffer): void => {
    const id = bytes.readUInt32LE(1);
    const stream = streams.get(id);
    switch (bytes.readUInt8(0)) {
      case DATA:
        stream?.onData(bytes.subarray(HEADER));
        return;
      case CONTINUE: {
        const credit = bytes.readUInt32LE(HEADER);
        if (id === 0) {
          initialCredit = credit;
          onReady();
        } else if (stream !== undefined) {
          stream.credit = credit;
          if (stream.waits) {
            stream.waits = false;
            stream.onRoom();
          }
        }
        return;
      }
      case CLOSE:
        streams.delete(id);
        stream?.onClose();
    }
  };
  const socket = await openSocket(url, [], handle);
  socket.on('close', () => {
    for (const stream of streams.values()) stream.onClose();
  });
  await ready;

  return {
    open: (port) => {
      lastId += 1;
      const id = lastId;
      const stream: WispStream = {
        credit: initialCredit,
        waits: false,
        onData: nothing,
        onClose: nothing,
        onRoom: nothing,
        send: (bytes) => {
          socket.send(packet(DATA, id, bytes));
          stream.credit -= 1;
          if (stream.credit > 0) return true;
          stream.waits = true;
          return false;
        },
        close: () => {
          if (streams.delete(id)) socket.send(packet(CLOSE, id, Buffer.of(VOLUNTARY)));
        },
      };
      streams.set(id, stream);
      const target = Buffer.from('...127.0.0.1');
      target.writeUInt8(TCP, 0);
      target.writeUInt16LE(port, 1);
      socket.send(packet(CONNECT, id, target));
      return Promise.resolve(stream);
    },
    end: () => {
      socket.terminate();
    },
  };
}

// The far ends of the measurements, in a process of their own: an echo, a source, a sink that counts.
// Started by fork(); says its ports in its first message, and ends with its parent.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where the far ends listen. */
export interface PeerPorts {
  readonly echo: number;
  readonly source: number;
  readonly sink: number;
}

const BLOCK = Buffer.alloc(256 * 1024, 'x');

function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** What the source gives before it ends: a proxy that queues without bound would fill the memory. */
const SOURCE_BYTES = 4 * 1024 * 1024 * 1024;

function source(socket: Socket): void {
  let left = SOURCE_BYTES;
  const pour = (): void => {
    while (socket.writable && left > 0) {
      left -= BLOCK.length;
      if (!socket.write(BLOCK)) return;
    }
    if (left <= 0) socket.end();
  };
  socket.on('drain', pour);
  socket.resume();
  pour();
}

/** Reads to the end and answers with a receipt. */
function sink(socket: Socket): void {
  socket.on('end', () => socket.end('received\n'));
  socket.resume();
}

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve),
  );
  return (server.address() as AddressInfo).port;
}

const ports: PeerPorts = {
  echo: await listen(echo),
  source: await listen(source),
  sink: await listen(sink),
};
process.send?.(ports);
process.on('disconnect', () => process.exit());

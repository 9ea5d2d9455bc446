// The part of wisp-js that the tests use; the package has no types.
declare module '@mercuryworkshop/wisp-js/server' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export const server: {
    readonly options: Record<string, unknown>;
    routeRequest(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  };
  export const logging: { readonly NONE: number; set_level(level: number): void };
}

// What the page knows about the machine: consoles, processes, listeners, the tunnel. A pure reducer over events.

import type { ExitReason, Listener, Pid, TunnelState } from '../protocol.ts';

/** The life of what a console shows. */
export type ConsolePhase =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'running';
      readonly pid: Pid;
      readonly since: number;
      readonly waits: boolean;
      readonly stopping: boolean;
    }
  | {
      readonly kind: 'ended';
      readonly status: number;
      readonly reason: ExitReason;
      readonly spanMs: number;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** One console; it outlives its process and can start it again. */
export interface ConsoleState {
  readonly id: number;
  readonly path: string;
  readonly args: readonly string[];
  /** 1 for the first console of a file, 2 for its second copy, … */
  readonly copy: number;
  readonly phase: ConsolePhase;
}

export type MachinePhase =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly luaVersion: string }
  | { readonly kind: 'crashed'; readonly message: string };

export interface MachineState {
  readonly machine: MachinePhase;
  readonly consoles: readonly ConsoleState[];
  readonly listeners: readonly Listener[];
  readonly tunnel: TunnelState;
}

export const emptyMachine: MachineState = {
  machine: { kind: 'starting' },
  consoles: [],
  listeners: [],
  tunnel: { phase: 'off' },
};

export type MachineEvent =
  | { readonly kind: 'ready'; readonly luaVersion: string }
  | { readonly kind: 'crashed'; readonly message: string; readonly time: number }
  | { readonly kind: 'rebooted' }
  | {
      readonly kind: 'console-opened';
      readonly id: number;
      readonly path: string;
      readonly args: readonly string[];
    }
  | { readonly kind: 'console-restarted'; readonly id: number; readonly args: readonly string[] }
  | { readonly kind: 'console-closed'; readonly id: number }
  | { readonly kind: 'started'; readonly id: number; readonly pid: Pid; readonly time: number }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string }
  | { readonly kind: 'stop-asked'; readonly pid: Pid }
  | { readonly kind: 'reading'; readonly pid: Pid; readonly waits: boolean }
  | {
      readonly kind: 'exited';
      readonly pid: Pid;
      readonly status: number;
      readonly reason: ExitReason;
      readonly time: number;
    }
  | { readonly kind: 'listeners'; readonly listeners: readonly Listener[] }
  | { readonly kind: 'tunnel'; readonly state: TunnelState };

export const isAlive = (console: ConsoleState): boolean =>
  console.phase.kind === 'starting' || console.phase.kind === 'running';

export const pidOf = (console: ConsoleState): Pid | null =>
  console.phase.kind === 'running' ? console.phase.pid : null;

export const consoleOfPid = (state: MachineState, pid: Pid): ConsoleState | undefined =>
  state.consoles.find((console) => pidOf(console) === pid);

/** The lowest copy number of `path` that no console has. */
function freeCopy(state: MachineState, path: string): number {
  const taken = new Set(state.consoles.filter((one) => one.path === path).map((one) => one.copy));
  let copy = 1;
  while (taken.has(copy)) copy++;
  return copy;
}

function withPhase(
  state: MachineState,
  which: (console: ConsoleState) => boolean,
  phase: (console: ConsoleState) => ConsolePhase,
): MachineState {
  const consoles = state.consoles.map((one) => (which(one) ? { ...one, phase: phase(one) } : one));
  return { ...state, consoles };
}

const ended = (
  phase: ConsolePhase,
  status: number,
  reason: ExitReason,
  time: number,
): ConsolePhase => ({
  kind: 'ended',
  status,
  reason,
  spanMs: phase.kind === 'running' ? Math.max(0, time - phase.since) : 0,
});

export function reduce(state: MachineState, event: MachineEvent): MachineState {
  switch (event.kind) {
    case 'ready':
      return { ...state, machine: { kind: 'ready', luaVersion: event.luaVersion } };
    case 'crashed': {
      const halted = withPhase(state, isAlive, (one) => ended(one.phase, 1, 'error', event.time));
      return {
        ...halted,
        machine: { kind: 'crashed', message: event.message },
        listeners: [],
        tunnel: { phase: 'off' },
      };
    }
    case 'rebooted':
      return { ...state, machine: { kind: 'starting' }, listeners: [], tunnel: { phase: 'off' } };
    case 'console-opened': {
      const { id, path, args } = event;
      const opened: ConsoleState = {
        id,
        path,
        args,
        copy: freeCopy(state, path),
        phase: { kind: 'starting' },
      };
      return { ...state, consoles: [...state.consoles, opened] };
    }
    case 'console-restarted':
      return {
        ...state,
        consoles: state.consoles.map((one) =>
          one.id === event.id ? { ...one, args: event.args, phase: { kind: 'starting' } } : one,
        ),
      };
    case 'console-closed':
      return { ...state, consoles: state.consoles.filter((one) => one.id !== event.id) };
    case 'started':
      return withPhase(
        state,
        (one) => one.id === event.id,
        () => ({
          kind: 'running',
          pid: event.pid,
          since: event.time,
          waits: false,
          stopping: false,
        }),
      );
    case 'refused':
      return withPhase(
        state,
        (one) => one.id === event.id,
        () => ({ kind: 'refused', message: event.message }),
      );
    case 'stop-asked':
    case 'reading':
      return withPhase(
        state,
        (one) => pidOf(one) === event.pid,
        (one) =>
          one.phase.kind !== 'running'
            ? one.phase
            : event.kind === 'reading'
              ? { ...one.phase, waits: event.waits }
              : { ...one.phase, stopping: true },
      );
    case 'exited':
      return withPhase(
        state,
        (one) => pidOf(one) === event.pid,
        (one) => ended(one.phase, event.status, event.reason, event.time),
      );
    case 'listeners':
      return { ...state, listeners: event.listeners };
    case 'tunnel':
      return { ...state, tunnel: event.state };
  }
}

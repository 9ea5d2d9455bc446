// The page's thinking: joins the open project, the machine, the consoles and the tunnel. No DOM; elements read `state`,
// call methods, and are told of changes.

import { readCompileError, type CompileError } from './compile-error.ts';
import { dialectOf, dialectOfFile, machineFor } from './dialect.ts';
import type { Example } from './example-catalog.ts';
import type { FileStore } from './file-store.ts';
import { launchPlan, withModules } from './launch-plan.ts';
import { limits, spans } from './limits.ts';
import type { CheckAnswer, MachineClient, MachineKind, RunAnswer } from './machine-client.ts';
import {
  decodeContent,
  fileOf,
  freeName,
  fromOriginals,
  isLua,
  putFile,
  removeFile,
  renameFile,
  resetFile,
  restore,
  sameContent,
  setContent,
  toSave,
  type Content,
  type Project,
  type SavedProject,
} from './projects.ts';
import { Scrollback } from './scrollback.ts';
import { isSharedId } from './sharing.ts';
import { askOffer, type TunnelChoice, type TunnelOffer } from './tunnel-source.ts';
import {
  consoleOfPid,
  emptyMachine,
  isAlive,
  pidOf,
  reduce,
  type ConsoleState,
  type MachineEvent,
  type MachineState,
} from './workbench-state.ts';
import { lua51NameMissing, lua51NamesIn } from '../lua51.ts';
import type {
  Dialect,
  Listener,
  ModuleAction,
  Pid,
  TunnelState,
  WorkerMessage,
} from '../protocol.ts';

/** The project that is the person's own. */
export const ownProjectId = 'own';
// Where the page's own scripts lie in the machine; not part of any project.
const toolFolder = '.moonwire/';
const ownOriginals = { 'server.lua': '', 'client.lua': '' };

/** Something to tell once; worded by the page. */
export type Notice =
  | { readonly kind: 'switched'; readonly count: number }
  | { readonly kind: 'save-failed' }
  // As many processes run as there are consoles.
  | { readonly kind: 'full' }
  | { readonly kind: 'too-big'; readonly path: string };

export interface WorkbenchState {
  readonly project: Project;
  readonly originals: Project;
  /** The example the project is, also one that came with a link; null for the person's own. */
  readonly example: Example | null;
  readonly activePath: string | null;
  /** The compile error of each file that has one. */
  readonly errors: ReadonlyMap<string, CompileError>;
  /** Arguments by file. */
  readonly args: ReadonlyMap<string, readonly string[]>;
  readonly machine: MachineState;
  /** What the page's own server said of a proxy; null before it was asked. */
  readonly offer: TunnelOffer | null;
  readonly choice: TunnelChoice;
  readonly isLasting: boolean;
  /** Ids of projects that differ from what was shipped. */
  readonly changedProjects: ReadonlySet<string>;
  /** A process does not answer Stop. */
  readonly isSilent: boolean;
  /** There is no way out of the tab, whatever anybody chooses. */
  readonly isConfined: boolean;
}

/** What the machine tells that only some see: the module on the bench, and the wire. */
export type MachineNews = Extract<
  WorkerMessage,
  { kind: 'module' | 'module-uart' | 'module-at' | 'wire' }
>;

/** What becomes of a tool: a process of the page's own, without a console. */
export interface ToolEvents {
  readonly onOutput: (text: string) => void;
  readonly onExit: (status: number) => void;
}

/** A tool that runs. */
export interface Tool {
  readonly pid: Pid;
  send(text: string): void;
  stop(): void;
}

/** What the workbench needs from outside. */
export interface WorkbenchParts {
  readonly examples: readonly Example[];
  readonly store: FileStore;
  readonly makeClient: (kind: MachineKind) => MachineClient;
  /** What makeClient is asked for first: the page may know what the project that it opens next needs. */
  readonly firstMachine?: MachineKind;
  readonly fetchFile: typeof fetch;
  /** The page's address. */
  readonly page: string;
  /** The page stands in another site's page: no proxy is asked for, and none can be chosen. */
  readonly isConfined?: boolean;
  readonly now: () => number;
  /** Calls back after a span; returns what cancels it. */
  readonly after: (spanMs: number, run: () => void) => () => void;
  /** Calls back in the next animation frame (or soon, where there are none). */
  readonly nextFrame: (run: () => void) => void;
}

/** See the head of the file. */
export class Workbench {
  readonly #parts: WorkbenchParts;
  readonly #scrollbacks = new Map<number, Scrollback>();
  readonly #changeListeners = new Set<() => void>();
  readonly #noticeListeners = new Set<(notice: Notice) => void>();
  readonly #exitWaiters = new Map<Pid, (() => void)[]>();
  readonly #settleWaiters = new Set<() => void>();
  readonly #newsListeners = new Set<(news: MachineNews) => void>();
  readonly #tools = new Map<Pid, ToolEvents>();
  readonly #toolFiles = new Map<string, string>();
  #earlyNews: MachineNews[] = [];
  #shared: Example | null = null;
  readonly #launches = new Map<number, number>();
  readonly #checkTimers = new Map<string, () => void>();
  #state: WorkbenchState;
  #kind: MachineKind;
  #client: MachineClient;
  #filesAreSent = false;
  #flushIsPlanned = false;
  #nextConsole = 1;
  #launchSerial = 0;
  #loadSerial = 0;
  #cancelSave: (() => void) | null = null;
  #cancelPoll: (() => void) | null = null;
  #sentTunnel: string | null = null;
  #sendings = 0;
  #wasUnreachable = false;
  #generation = 1;

  constructor(parts: WorkbenchParts, choice: TunnelChoice = { kind: 'auto' }) {
    this.#parts = parts;
    const originals = this.#originalsOf(ownProjectId);
    this.#state = {
      project: originals,
      originals,
      example: null,
      activePath: null,
      errors: new Map(),
      args: new Map(),
      machine: emptyMachine,
      offer: null,
      choice: parts.isConfined === true ? { kind: 'off' } : choice,
      isLasting: parts.store.isLasting,
      changedProjects: new Set(),
      isSilent: false,
      isConfined: parts.isConfined === true,
    };
    this.#kind = parts.firstMachine ?? 'luasocket';
    this.#client = parts.makeClient(this.#kind);
    this.#connect(this.#client);
  }

  get state(): WorkbenchState {
    return this.#state;
  }

  get examples(): readonly Example[] {
    return this.#parts.examples;
  }

  get now(): number {
    return this.#parts.now();
  }

  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  /** Which API the project's scripts see. */
  get dialect(): Dialect {
    return dialectOf(this.#state.project, this.#state.example);
  }

  /** Which API a file of the project sees when it runs. */
  dialectOfFile(path: string): Dialect {
    return dialectOfFile(this.#state.project, path, this.dialect);
  }

  /** Grows when a new machine takes the place of the old one. */
  get generation(): number {
    return this.#generation;
  }

  /** What came before anybody listened is told at once. */
  onNews(listener: (news: MachineNews) => void): () => void {
    this.#newsListeners.add(listener);
    for (const news of this.#earlyNews.splice(0)) listener(news);
    return () => this.#newsListeners.delete(listener);
  }

  /** Does something to the module on the bench. */
  touchModule(action: ModuleAction): void {
    this.#client.send({ kind: 'module', action });
  }

  watchWire(on: boolean): void {
    this.#client.send({ kind: 'watch-wire', on });
  }

  scrollbackOf(id: number): Scrollback {
    const kept = this.#scrollbacks.get(id) ?? new Scrollback(() => this.#planFlush());
    this.#scrollbacks.set(id, kept);
    return kept;
  }

  // ---- projects and files ----

  /** Opens what came with a link; until the next one it can be opened by its id, too. */
  async openShared(shared: Example): Promise<void> {
    this.#shared = shared;
    await this.openProject(shared.id);
  }

  /** Opens a project; what runs of the one before is stopped and its consoles go. */
  async openProject(id: string): Promise<void> {
    const serial = ++this.#loadSerial;
    await this.saveNow();
    const saved = await this.#parts.store.load(id).catch(() => null);
    const changedIds = await this.#parts.store.ids().catch(() => []);
    if (serial !== this.#loadSerial) return;
    const stopped = this.#state.machine.consoles.filter(isAlive).length;
    this.stopAll();
    this.#stopTools();
    for (const console of this.#state.machine.consoles) this.#forgetConsole(console);
    const originals = this.#originalsOf(id);
    const project = restore(originals, saved);
    const example = this.#exampleOf(id);
    this.#filesAreSent = false;
    this.#set({
      project,
      originals,
      example,
      activePath: project.files[0]?.path ?? null,
      errors: new Map(),
      args: new Map(),
      changedProjects: new Set(changedIds),
    });
    this.#fitMachine();
    for (const file of project.files) this.#planCheck(file.path, 0);
    if (stopped > 0) this.#notice({ kind: 'switched', count: stopped });
  }

  openFile(path: string): void {
    if (fileOf(this.#state.project, path)) this.#set({ activePath: path });
  }

  edit(path: string, text: string): void {
    const file = fileOf(this.#state.project, path);
    if (!file || file.content === text) return;
    this.#changeFiles(setContent(this.#state.project, path, text));
    this.#planCheck(path, spans.checkDelayMs);
  }

  addFile(path: string, content: Content): void {
    if (
      typeof content === 'string'
        ? content.length > limits.fileBytes
        : content.length > limits.fileBytes
    ) {
      this.#notice({ kind: 'too-big', path });
      return;
    }
    this.#changeFiles(putFile(this.#state.project, path, content));
    this.#set({ activePath: path });
    this.#planCheck(path, 0);
  }

  /** Adds a file of somebody's disk under a name that is free. */
  uploadFile(name: string, bytes: Uint8Array): void {
    const content = decodeContent(bytes);
    // An empty file of that name, as in a fresh project of one's own, is what the upload was meant for.
    const blank = fileOf(this.#state.project, name)?.content === '';
    this.addFile(blank ? name : freeName(this.#state.project, name), content);
  }

  renameFile(from: string, to: string): void {
    this.#changeFiles(renameFile(this.#state.project, from, to));
    const args = new Map(this.#state.args);
    const kept = args.get(from);
    args.delete(from);
    if (kept) args.set(to, kept);
    this.#set({ activePath: this.#state.activePath === from ? to : this.#state.activePath, args });
    this.#setError(from, null);
    this.#planCheck(to, 0);
  }

  removeFile(path: string): void {
    const before = this.#state.project.files.findIndex((file) => file.path === path);
    this.#changeFiles(removeFile(this.#state.project, path));
    this.#setError(path, null);
    if (this.#state.activePath === path) {
      const { files } = this.#state.project;
      this.#set({ activePath: files[Math.min(before, files.length - 1)]?.path ?? null });
    }
  }

  resetFile(path: string): void {
    this.#changeFiles(resetFile(this.#state.project, path));
    this.#planCheck(path, 0);
  }

  resetProject(): void {
    const { originals } = this.#state;
    this.#changeFiles(originals);
    this.#set({ activePath: originals.files[0]?.path ?? null, errors: new Map() });
    for (const file of originals.files) this.#planCheck(file.path, 0);
  }

  /** As the scripts need it, then on, then off, and so on. */
  switchSpellings(): void {
    const { project } = this.#state;
    const next = { auto: 'on', on: 'off', off: 'auto' } as const;
    this.#changeProject({ ...project, spellings: next[project.spellings] });
  }

  /** Chooses which API the project's scripts see; null goes back to what the example says. What runs goes on. */
  setDialect(dialect: Dialect | null): void {
    if (dialect === this.#state.project.dialect) return;
    this.#changeProject({ ...this.#state.project, dialect });
    this.#fitMachine();
  }

  setArguments(path: string, args: readonly string[]): void {
    this.#set({ args: new Map(this.#state.args).set(path, args) });
  }

  /** Writes what is not yet kept. */
  async saveNow(): Promise<void> {
    if (this.#cancelSave === null) return;
    this.#cancelSave();
    this.#cancelSave = null;
    const { project, originals } = this.#state;
    const saved = toSave(project, originals);
    const changed = new Set(this.#state.changedProjects);
    if (saved === null) changed.delete(project.id);
    else changed.add(project.id);
    this.#set({ changedProjects: changed });
    const { store } = this.#parts;
    try {
      if (saved === null) await store.remove(project.id);
      else if (isSharedId(project.id)) await this.#keepShared({ ...saved, savedAt: this.now });
      else await store.save(saved);
    } catch {
      this.#notice({ kind: 'save-failed' });
    }
  }

  async #keepShared(saved: SavedProject): Promise<void> {
    const { store } = this.#parts;
    await store.save(saved);
    const ids = (await store.ids()).filter(isSharedId);
    if (ids.length <= limits.sharedKept) return;
    const kept = await Promise.all(ids.map((id) => store.load(id)));
    const ages = kept.flatMap((one) => (one ? [{ id: one.id, at: one.savedAt ?? 0 }] : []));
    const oldest = ages.sort((a, b) => a.at - b.at)[0];
    if (oldest) await store.remove(oldest.id);
  }

  // ---- processes ----

  /** What "Run project" would start. */
  get plan(): readonly string[] {
    return launchPlan(this.#state.project, this.#state.example?.header.run ?? [], this.dialect);
  }

  /** The console that Run of this file uses: its first. */
  consoleOf(path: string): ConsoleState | undefined {
    return this.#state.machine.consoles.find((one) => one.path === path);
  }

  /** Runs a file in its first console; a running process is replaced. */
  runFile(wanted: string): number | null {
    // A module begins with its main file, whichever one is open.
    const isOnModule = this.dialectOfFile(wanted) === 'luat';
    const main = this.plan.find((path) => this.dialectOfFile(path) === 'luat');
    const path = isOnModule ? (main ?? wanted) : wanted;
    const present = this.consoleOf(path);
    if (!present) return this.runCopy(path);
    this.restart(present.id);
    return present.id;
  }

  /** Runs a file in a console of its own, beside what runs already. */
  runCopy(path: string): number | null {
    const id = this.#openConsole(path);
    if (id !== null) void this.#launch(id);
    return id;
  }

  /** Stops everything and starts the project's files one after the other, each when the one before has settled. */
  async runProject(): Promise<void> {
    const plan = this.plan;
    for (const console of [...this.#state.machine.consoles]) this.closeConsole(console.id);
    const ids = plan.map((path) => this.#openConsole(path));
    for (const id of ids) {
      if (id === null || !this.#console(id)) continue;
      await this.#launch(id);
      await this.#settled(id);
    }
  }

  restart(id: number): void {
    const console = this.#console(id);
    if (!console) return;
    const pid = pidOf(console);
    const args = this.#state.args.get(console.path) ?? console.args;
    const begin = (): void => {
      if (!this.#console(id)) return;
      const scrollback = this.scrollbackOf(id);
      scrollback.clear();
      scrollback.takeShown(); // was the old process's
      this.#apply({ kind: 'console-restarted', id, args });
      void this.#launch(id);
    };
    if (pid === null) begin();
    else {
      this.#exitWaiters.set(pid, [...(this.#exitWaiters.get(pid) ?? []), begin]);
      this.stop(id);
    }
  }

  stop(id: number): void {
    const console = this.#console(id);
    if (console) this.#stopProcess(console);
  }

  /** Stops every process of a file. */
  stopFile(path: string | null): void {
    for (const console of this.#state.machine.consoles)
      if (console.path === path) this.#stopProcess(console);
  }

  stopAll(): void {
    for (const console of this.#state.machine.consoles) this.#stopProcess(console);
  }

  closeConsole(id: number): void {
    const console = this.#console(id);
    if (!console) return;
    this.#stopProcess(console);
    // A script that catches the first stop does not live on without its console.
    const pid = pidOf(console);
    if (pid !== null) this.#client.send({ kind: 'stop', pid });
    this.#forgetConsole(console);
  }

  /**
   * Starts a process of the page's own, beside the project's: its file is none of the project's, and it has no console.
   * Resolves when it runs, with why not when it cannot.
   */
  async runTool(
    file: { readonly path: string; readonly text: string; readonly args: readonly string[] },
    events: ToolEvents,
  ): Promise<Tool | string> {
    await this.#tunnelReady();
    const client = this.#client;
    const { path, text, args } = file;
    if (this.#toolFiles.get(toolFolder + path) !== text) {
      this.#toolFiles.set(toolFolder + path, text);
      this.#filesAreSent = false;
    }
    this.#sendFiles();
    const answer = await new Promise<RunAnswer>((resolve) =>
      client.run(
        { path: toolFolder + path, args, dialect: 'luasocket', lua51: false },
        (answered) => {
          if (answered.kind === 'started') this.#tools.set(answered.pid, events);
          resolve(answered);
        },
      ),
    );
    if (answer.kind === 'refused') return answer.message;
    const { pid } = answer;
    return {
      pid,
      send: (line) => client.send({ kind: 'stdin', pid, text: line }),
      stop: () => client.send({ kind: 'stop', pid }),
    };
  }

  #stopTools(): void {
    for (const pid of this.#tools.keys()) this.#client.send({ kind: 'stop', pid });
  }

  sendLine(id: number, text: string): void {
    const pid = this.#pid(id);
    if (pid === null) return;
    this.scrollbackOf(id).typed(text);
    this.#client.send({ kind: 'stdin', pid, text: `${text}\n` });
  }

  endInput(id: number): void {
    const pid = this.#pid(id);
    if (pid === null) return;
    this.scrollbackOf(id).note({ kind: 'input-ended' });
    this.#client.send({ kind: 'stdin-end', pid });
  }

  /** Throws the machine away, with whatever hangs in it, and starts a new one. */
  restartMachine(): void {
    const time = this.now;
    this.#client.dispose();
    for (const { onExit } of this.#tools.values()) onExit(143);
    this.#tools.clear();
    for (const console of this.#state.machine.consoles) {
      const pid = pidOf(console);
      if (pid !== null)
        this.#handleExit({ kind: 'exited', pid, status: 143, reason: 'stopped' }, time);
      else if (isAlive(console)) this.#apply({ kind: 'refused', id: console.id, message: '' });
    }
    this.#apply({ kind: 'rebooted' });
    this.#set({ isSilent: false });
    this.#filesAreSent = false;
    this.#sentTunnel = null;
    this.#connect(this.#parts.makeClient(this.#kind));
    // From here on what is sent reaches the new machine, and who had asked something of the old one asks again.
    this.#generation++;
    this.#set({});
    void this.refreshTunnel();
  }

  // ---- the tunnel ----

  /** Publishes a listener no longer; inside the tab it goes on. */
  shutDoor({ kind, published }: Listener): void {
    if (published === null || kind === 'unix') return;
    this.#client.send({ kind: 'shut-door', socket: kind, published });
  }

  setTunnelChoice(choice: TunnelChoice): void {
    if (this.#state.isConfined) return;
    this.#set({ choice });
    this.#sentTunnel = null;
    if (choice.kind !== 'auto') this.#sendTunnel(choice.kind === 'url' ? choice.url : null);
    void this.refreshTunnel();
  }

  /** Connects anew without waiting for the next retry. */
  tryTunnelNow(): void {
    this.#sentTunnel = null;
    void this.refreshTunnel();
  }

  /**
   * Asks the page's server where the proxy is now, and tells the worker when that changed. `isUrgent`: somebody waits, so
   * the same address is tried again at once.
   */
  async refreshTunnel(isUrgent = false): Promise<void> {
    this.#cancelPoll?.();
    this.#cancelPoll = null;
    if (this.#state.isConfined) return;
    if (this.#state.choice.kind === 'url' && this.#sentTunnel === null)
      this.#sendTunnel(this.#state.choice.url);
    if (!this.#followsPage()) return;
    const offer = await askOffer(this.#parts.page, this.#parts.fetchFile);
    const hadProxy = this.#state.offer?.kind === 'proxy';
    const isBack = this.#wasUnreachable && offer.kind === 'proxy';
    this.#wasUnreachable = offer.kind === 'unreachable';
    // A proxy that is down for a moment is not "no proxy".
    if (offer.kind !== 'unreachable' || !hadProxy) this.#set({ offer });
    if (!this.#followsPage()) return; // something else was chosen meanwhile
    // The same address again only makes the worker try at once instead of at its next turn.
    const isWaiting = this.#state.machine.tunnel.phase === 'waiting';
    const isNews = (url: string): boolean =>
      url !== this.#sentTunnel || (isWaiting && (isBack || isUrgent));
    if (offer.kind === 'proxy' && isNews(offer.url)) this.#sendTunnel(offer.url);
    this.#planPoll();
  }

  #followsPage(): boolean {
    return this.#state.choice.kind === 'auto';
  }

  #sendTunnel(url: string | null): void {
    this.#sentTunnel = url;
    this.#sendings++;
    this.#client.send({ kind: 'tunnel', url });
    // Until the worker says more; what it said of the address before no longer counts.
    const state: TunnelState = url === null ? { phase: 'off' } : { phase: 'connecting', url };
    this.#apply({ kind: 'tunnel', state });
  }

  // While the tunnel is down, the proxy may come back with another token.
  #planPoll(): void {
    const { phase } = this.#state.machine.tunnel;
    if (this.#state.choice.kind !== 'auto' || this.#state.offer?.kind !== 'proxy') return;
    if ((phase !== 'waiting' && phase !== 'blocked') || this.#cancelPoll !== null) return;
    this.#cancelPoll = this.#parts.after(spans.tunnelPollMs, () => {
      this.#cancelPoll = null;
      void this.refreshTunnel();
    });
  }

  // Run waits a moment for a tunnel that is on its way, so that a proxy that just came back is used.
  async #tunnelReady(): Promise<void> {
    if (this.#state.choice.kind === 'off' || this.#state.machine.tunnel.phase === 'open') return;
    const { phase } = this.#state.machine.tunnel;
    if (
      this.#followsPage() &&
      (this.#state.offer === null || phase === 'waiting' || phase === 'blocked')
    ) {
      const sent = this.#sendings;
      await this.refreshTunnel(phase === 'waiting');
      if (sent === this.#sendings) return; // no proxy, none that answers, or one that said no to this very address
    }
    if (this.#sentTunnel === null) return;
    await this.#until(() => this.#state.machine.tunnel.phase !== 'connecting', spans.tunnelGraceMs);
  }

  // ---- inside ----

  #originalsOf(id: string): Project {
    return fromOriginals(id, this.#exampleOf(id)?.files ?? ownOriginals);
  }

  #exampleOf(id: string): Example | null {
    if (this.#shared?.id === id) return this.#shared;
    return this.#parts.examples.find((one) => one.id === id) ?? null;
  }

  // A machine with every dialect serves any project from then on.
  #fitMachine(): void {
    if (this.#kind === 'all' || machineFor(this.dialect) === 'luasocket') return;
    this.#kind = 'all';
    this.restartMachine();
  }

  // What the worker said before is told during onMessage, so the client has to be in its place by then.
  #connect(client: MachineClient): void {
    this.#client = client;
    client.onMessage((message) => this.#handleMessage(message));
  }

  #handleMessage(message: WorkerMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#apply({ kind: 'ready', luaVersion: message.luaVersion });
        for (const file of this.#state.project.files) this.#planCheck(file.path, 0);
        break;
      case 'crashed':
        this.#apply({ kind: 'crashed', message: message.message, time: this.now });
        break;
      case 'output': {
        const console = consoleOfPid(this.#state.machine, message.pid);
        this.#tools.get(message.pid)?.onOutput(message.text);
        if (console) {
          this.scrollbackOf(console.id).output(message);
          if (message.stream === 'stderr') this.#hintAtLua51(console.id, message.text);
        } else this.#client.send({ kind: 'shown', pid: message.pid, bytes: message.bytes });
        break;
      }
      case 'reading':
        this.#apply({ kind: 'reading', pid: message.pid, waits: message.waits });
        break;
      case 'exited':
        this.#tools.get(message.pid)?.onExit(message.status);
        this.#tools.delete(message.pid);
        this.#handleExit(message, this.now);
        break;
      case 'files-changed':
        this.#handleFilesChanged(message.files);
        break;
      case 'listeners':
        this.#apply({ kind: 'listeners', listeners: message.listeners });
        break;
      case 'tunnel':
        this.#apply({ kind: 'tunnel', state: message.state });
        this.#planPoll();
        break;
      case 'started':
      case 'refused':
      case 'checked':
      case 'file':
      case 'census':
        break; // answers: the client has given them to whoever asked
      case 'wire':
      case 'module':
      case 'module-uart':
      case 'module-at':
        this.#handleNews(message);
        break;
    }
  }

  #hintAtLua51(id: number, text: string): void {
    const name = this.#state.project.spellings === 'on' ? null : lua51NameMissing(text);
    if (name !== null) this.scrollbackOf(id).note({ kind: 'lua51-missing', name });
  }

  #handleNews(news: MachineNews): void {
    for (const listener of this.#newsListeners) listener(news);
    if (this.#newsListeners.size > 0) return;
    this.#earlyNews.push(news);
    if (this.#earlyNews.length > limits.earlyNews) this.#earlyNews.shift();
  }

  #handleExit(message: WorkerMessage & { kind: 'exited' }, time: number): void {
    const console = consoleOfPid(this.#state.machine, message.pid);
    if (console?.phase.kind === 'running') {
      const spanMs = Math.max(0, time - console.phase.since);
      const { status, reason } = message;
      this.scrollbackOf(console.id).note({ kind: 'exited', status, reason, spanMs });
    }
    this.#apply({ ...message, time });
    const waiters = this.#exitWaiters.get(message.pid) ?? [];
    this.#exitWaiters.delete(message.pid);
    for (const waiter of waiters) waiter();
    const hangs = this.#state.machine.consoles.some(
      (one) => one.phase.kind === 'running' && one.phase.stopping,
    );
    if (!hangs && this.#state.isSilent) this.#set({ isSilent: false });
  }

  #handleFilesChanged(files: Readonly<Record<string, Uint8Array | null>>): void {
    let project = this.#state.project;
    for (const [path, bytes] of Object.entries(files)) {
      if (path.startsWith(toolFolder)) continue;
      if (bytes === null) {
        project = removeFile(project, path);
        continue;
      }
      const content = decodeContent(bytes);
      const present = fileOf(project, path);
      if (!present || !sameContent(present.content, content))
        project = putFile(project, path, content);
    }
    if (project === this.#state.project) return;
    const isSent = this.#filesAreSent;
    this.#changeFiles(project);
    this.#filesAreSent = isSent; // the machine has them already
    const { activePath } = this.#state;
    if (activePath !== null && !fileOf(project, activePath)) {
      this.#set({ activePath: project.files[0]?.path ?? null });
    }
  }

  #openConsole(path: string): number | null {
    const { consoles } = this.#state.machine;
    if (consoles.length >= limits.consoles) {
      const oldest = consoles.find((one) => !isAlive(one));
      if (!oldest) {
        this.#notice({ kind: 'full' });
        return null;
      }
      this.#forgetConsole(oldest);
    }
    const id = this.#nextConsole++;
    this.#apply({ kind: 'console-opened', id, path, args: this.#state.args.get(path) ?? [] });
    return id;
  }

  async #launch(id: number): Promise<void> {
    const serial = ++this.#launchSerial;
    this.#launches.set(id, serial);
    const isCurrent = (): boolean => this.#launches.get(id) === serial;
    await this.#tunnelReady();
    const console = this.#console(id);
    if (!console || !isCurrent()) return;
    const client = this.#client;
    this.#sendFiles();
    this.scrollbackOf(id).note({ kind: 'started', time: this.now });
    const names = this.#lua51NamesFor(console.path);
    const { spellings } = this.#state.project;
    if (spellings === 'auto' && names.length > 0)
      this.scrollbackOf(id).note({ kind: 'lua51-on', names });
    const lua51 = spellings === 'on' || (spellings === 'auto' && names.length > 0);
    const file = {
      path: console.path,
      args: console.args,
      dialect: this.dialectOfFile(console.path),
      lua51,
    };
    await new Promise<void>((resolve) =>
      client.run(file, (answer) => {
        if (client === this.#client) this.#handleRunAnswer(id, answer, isCurrent());
        resolve();
      }),
    );
  }

  #handleRunAnswer(id: number, answer: RunAnswer, isWanted: boolean): void {
    if (answer.kind === 'started') {
      if (isWanted) this.#apply({ kind: 'started', id, pid: answer.pid, time: this.now });
      else this.#client.send({ kind: 'stop', pid: answer.pid });
    } else if (isWanted) {
      this.scrollbackOf(id).note({ kind: 'refused', message: answer.message });
      this.#apply({ kind: 'refused', id, message: answer.message });
    }
  }

  // What the script and the project's modules that it loads use of Lua 5.1; openLuat's dialect has those names anyway.
  #lua51NamesFor(path: string): readonly string[] {
    if (this.dialectOfFile(path) !== 'luasocket') return [];
    const texts = withModules(this.#state.project, path);
    return [...new Set(texts.flatMap((text) => lua51NamesIn(text)))];
  }

  // A started process has settled when it listens, reads, printed nothing for the span, or is over.
  async #settled(id: number): Promise<void> {
    const isSettled = (): boolean => {
      const console = this.#console(id);
      if (!console || !isAlive(console)) return true;
      const { phase } = console;
      if (phase.kind !== 'running') return false;
      return phase.waits || this.#state.machine.listeners.some((one) => one.pid === phase.pid);
    };
    await this.#until(isSettled, spans.settleMs);
  }

  // Resolves when the claim holds after some change of state, or after the span.
  #until(claim: () => boolean, spanMs: number): Promise<void> {
    if (claim()) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        this.#settleWaiters.delete(check);
        resolve();
      };
      const check = (): void => {
        if (claim()) finish();
      };
      const cancel = this.#parts.after(spanMs, finish);
      this.#settleWaiters.add(check);
    });
  }

  #stopProcess(console: ConsoleState): void {
    const pid = pidOf(console);
    if (pid === null) {
      // Not started yet: the launch under way finds its place taken and gives up.
      if (console.phase.kind === 'starting') {
        this.#launches.delete(console.id);
        this.#apply({ kind: 'refused', id: console.id, message: '' });
      }
      return;
    }
    this.#client.send({ kind: 'stop', pid });
    this.#apply({ kind: 'stop-asked', pid });
    const client = this.#client;
    this.#parts.after(spans.stopPatienceMs, () => {
      if (client === this.#client && consoleOfPid(this.#state.machine, pid))
        this.#set({ isSilent: true });
    });
  }

  #forgetConsole(console: ConsoleState): void {
    this.#launches.delete(console.id);
    this.#scrollbacks.delete(console.id);
    this.#apply({ kind: 'console-closed', id: console.id });
  }

  #planFlush(): void {
    if (this.#flushIsPlanned) return;
    this.#flushIsPlanned = true;
    this.#parts.nextFrame(() => this.#flush());
  }

  // One frame: all consoles share what the page can draw in it, and the worker learns what was dealt with.
  #flush(): void {
    this.#flushIsPlanned = false;
    const busy = [...this.#scrollbacks].filter(([, scrollback]) => scrollback.hasPending);
    const share = {
      chars: Math.ceil(limits.frameChars / Math.max(1, busy.length)),
      lines: Math.ceil(limits.frameLines / Math.max(1, busy.length)),
    };
    let isMore = false;
    for (const [, scrollback] of busy) isMore = scrollback.flush(share) || isMore;
    for (const [id, scrollback] of this.#scrollbacks) {
      const pid = this.#pid(id);
      const bytes = scrollback.takeShown();
      if (bytes > 0 && pid !== null) this.#client.send({ kind: 'shown', pid, bytes });
    }
    if (isMore) this.#planFlush();
  }

  #sendFiles(): void {
    if (this.#filesAreSent) return;
    this.#filesAreSent = true;
    const files = Object.fromEntries([
      ...this.#state.project.files.map((file): [string, Content] => [file.path, file.content]),
      ...this.#toolFiles,
    ]);
    this.#client.send({ kind: 'put-files', files });
  }

  #changeFiles(project: Project): void {
    this.#filesAreSent = false;
    this.#changeProject(project);
  }

  #changeProject(project: Project): void {
    this.#set({ project });
    this.#cancelSave?.();
    this.#cancelSave = this.#parts.after(spans.saveDelayMs, () => void this.saveNow());
  }

  #planCheck(path: string, spanMs: number): void {
    this.#checkTimers.get(path)?.();
    this.#checkTimers.delete(path);
    if (!isLua(path)) return;
    if (spanMs === 0) {
      void this.#check(path);
      return;
    }
    this.#checkTimers.set(
      path,
      this.#parts.after(spanMs, () => {
        this.#checkTimers.delete(path);
        void this.#check(path);
      }),
    );
  }

  async #check(path: string): Promise<void> {
    if (this.#state.machine.machine.kind !== 'ready') return; // done again when it is
    const content = fileOf(this.#state.project, path)?.content;
    if (typeof content !== 'string') return;
    const { id } = this.#state.project;
    const answer: CheckAnswer = await this.#client.check(path, content);
    const isFresh =
      this.#state.project.id === id && fileOf(this.#state.project, path)?.content === content;
    if (isFresh) this.#setError(path, readCompileError(answer));
  }

  #setError(path: string, error: CompileError | null): void {
    const present = this.#state.errors.get(path);
    if (error === null && !present) return;
    if (error && present?.line === error.line && present.message === error.message) return;
    const errors = new Map(this.#state.errors);
    if (error) errors.set(path, error);
    else errors.delete(path);
    this.#set({ errors });
  }

  #console(id: number): ConsoleState | undefined {
    return this.#state.machine.consoles.find((one) => one.id === id);
  }

  #pid(id: number): Pid | null {
    const console = this.#console(id);
    return console ? pidOf(console) : null;
  }

  #apply(event: MachineEvent): void {
    this.#set({ machine: reduce(this.#state.machine, event) });
  }

  #set(change: Partial<WorkbenchState>): void {
    this.#state = { ...this.#state, ...change };
    for (const check of [...this.#settleWaiters]) check();
    for (const listener of this.#changeListeners) listener();
  }

  #notice(notice: Notice): void {
    for (const listener of this.#noticeListeners) listener(notice);
  }
}

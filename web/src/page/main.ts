// Starts the page: makes the machine's worker, opens the kept files and puts the app on the page.

import MachineWorker from '#worker?worker';
import glueUrl from '#machine/machine.js?url';
import wasmUrl from '#machine/machine.wasm?url';
import luasocketGlueUrl from '#machine/machine-luasocket.js?url';
import luasocketWasmUrl from '#machine/machine-luasocket.wasm?url';

import { readWish, type Wish } from './address.ts';
import { machineFor } from './dialect.ts';
import './elements/moonwire-app.ts';
import type { Example } from './example-catalog.ts';
import { examples } from './examples.ts';
import { MemoryStore, openFileStore } from './file-store.ts';
import { isInForeignFrame } from './framing.ts';
import { MachineClient, type MachineFiles, type MachineKind } from './machine-client.ts';
import { exampleOfShared, sharedScript, unpackShared } from './sharing.ts';
import { PreferenceStore, type Theme } from './preferences.ts';
import { chooseLocale, tables, type Locale } from './strings.ts';
import { ownProjectId, Workbench } from './workbench.ts';

const absolute = (url: string): string => new URL(url, document.baseURI).href;
const backgroundFrameMs = 100;

const machines: Readonly<Record<MachineKind, MachineFiles>> = {
  luasocket: { wasmUrl: absolute(luasocketWasmUrl), glueUrl: absolute(luasocketGlueUrl) },
  all: { wasmUrl: absolute(wasmUrl), glueUrl: absolute(glueUrl) },
};

const makeClient = (kind: MachineKind): MachineClient =>
  new MachineClient(new MachineWorker(), machines[kind]);

function nextFrame(run: () => void): void {
  // A hidden page gets no animation frames, and its scripts go on all the same.
  let isDone = false;
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, backgroundFrameMs);
}

const store = new PreferenceStore(() => localStorage);
const preferences = store.load();
const wish = readWish(location.href);
const locale = wish.locale ?? preferences.locale ?? chooseLocale(navigator.languages);

const { embed } = wish;

// The project in the address itself; null when there is none, or none that can be read.
async function linked({ code, lua }: Wish): Promise<Example | null> {
  const found = code !== null ? await unpackShared(code) : lua !== null ? sharedScript(lua) : null;
  return found && exampleOfShared(found);
}
const shared = await linked(wish);

const known = new Set([ownProjectId, ...examples.map((example) => example.id)]);
const wanted = [wish.project, preferences.lastProject, examples[0]?.id].find(
  (id) => id && known.has(id),
);

// The worker starts while the rest of the page does.
const firstMachine = machineFor(
  shared?.dialect ?? examples.find((example) => example.id === wanted)?.dialect ?? 'luasocket',
);
let firstClient: MachineClient | null = makeClient(firstMachine);

const workbench = new Workbench(
  {
    examples,
    // What is changed inside somebody's page lives as long as that page.
    store: embed ? new MemoryStore() : await openFileStore(() => indexedDB),
    isConfined: embed !== null || isInForeignFrame(window),
    firstMachine,
    makeClient: (kind) => {
      const client = firstClient ?? makeClient(kind);
      firstClient = null;
      return client;
    },
    fetchFile: (input, init) => fetch(input, init),
    page: document.baseURI,
    now: () => Date.now(),
    after: (spanMs, run) => {
      const timer = setTimeout(run, spanMs);
      return () => clearTimeout(timer);
    },
    nextFrame,
  },
  preferences.tunnel,
);

await (shared ? workbench.openShared(shared) : workbench.openProject(wanted ?? ownProjectId));
if (embed) await import('./elements/moonwire-embed-bar.ts');

const app = document.createElement('moonwire-app');
app.workbench = workbench;
app.store = store;
app.preferences = preferences;
app.locale = locale;
app.theme = wish.theme ?? preferences.theme;
app.embed = embed;

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
function dress(theme: Theme, language: Locale): void {
  const isDark = theme === 'auto' ? systemIsDark.matches : theme === 'dark';
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = `Moonwire · ${tables[language].tagline}`;
}
const redress = (): void => dress(app.theme, app.locale);
systemIsDark.addEventListener('change', redress);
app.addEventListener('dressed', redress);
redress();
document.body.append(app);

function tellOfMissing({ code, lua, project }: Wish, found: Example | null): void {
  if ((code ?? lua) !== null && !found) app.tell(tables[app.locale].badLink);
  else if (!found && project !== null && !known.has(project))
    app.tell(tables[app.locale].unknownExample(project.slice(0, 60)));
}
tellOfMissing(wish, shared);

void workbench.refreshTunnel();
addEventListener('visibilitychange', () => void workbench.saveNow());
addEventListener('pagehide', () => void workbench.saveNow());
addEventListener('hashchange', () => {
  void (async () => {
    const next = readWish(location.href);
    const found = await linked(next);
    const id = found?.id ?? next.project;
    tellOfMissing(next, found);
    if (id === null || id === workbench.state.project.id) return;
    if (found) await workbench.openShared(found);
    else if (known.has(id)) await workbench.openProject(id);
  })();
});
// Nobody clicked: the author of the page around it asked for it, and the scripts stay inside the tab.
if (embed?.runs && workbench.state.isConfined) app.run();

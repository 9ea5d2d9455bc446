// The scripted machine as a real worker, for building the page without wasm (MOONWIRE_FAKE_WORKER=1).

import type { PageMessage } from '../../../web/src/protocol.ts';
import { FakeMachine } from './fake-worker.ts';

const machine = new FakeMachine((message) => postMessage(message));
addEventListener('message', (event: MessageEvent<PageMessage>) => machine.handle(event.data));

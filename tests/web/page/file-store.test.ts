import { IDBFactory } from 'fake-indexeddb';

import { openFileStore, readSaved } from '../../../web/src/page/file-store.ts';

const project = {
  id: 'echo',
  files: [{ path: 'server.lua', content: 'x', original: 'y' }],
  removed: ['client.lua'],
};

test('what one page keeps the next one finds', async () => {
  const factory = new IDBFactory();
  const first = await openFileStore(() => factory);
  expect(first.isLasting).toBe(true);
  await first.save(project);
  const second = await openFileStore(() => factory);
  expect(await second.load('echo')).toEqual(project);
  expect(await second.ids()).toEqual(['echo']);
  await second.remove('echo');
  expect(await first.load('echo')).toBeNull();
});

test('bytes are kept as bytes', async () => {
  const store = await openFileStore(() => new IDBFactory());
  const content = Uint8Array.of(0, 255);
  await store.save({ ...project, files: [{ path: 'a.bin', content, original: content }] });
  expect((await store.load('echo'))?.files[0]?.content).toEqual(content);
});

test('without storage the files live as long as the tab', async () => {
  const store = await openFileStore(() => {
    throw new Error('SecurityError');
  });
  expect(store.isLasting).toBe(false);
  await store.save(project);
  expect(await store.load('echo')).toEqual(project);
  expect(await store.ids()).toEqual(['echo']);
});

test('what is not in our form is not taken', () => {
  for (const wrong of [
    null,
    7,
    {},
    { id: 'x', files: [{}], removed: [] },
    { ...project, removed: [1] },
  ]) {
    expect(readSaved(wrong)).toBeNull();
  }
});

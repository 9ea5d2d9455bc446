import {
  decodeContent,
  freeName,
  fromOriginals,
  isChanged,
  nameInside,
  nameProblem,
  putFile,
  removeFile,
  renameFile,
  resetFile,
  restore,
  setContent,
  toSave,
} from '../../../web/src/page/projects.ts';

const originals = fromOriginals('echo', { 'server.lua': 's', 'client.lua': 'c' });
const paths = (project: typeof originals): string[] => project.files.map((file) => file.path);

describe('a project', () => {
  test('as shipped needs no saving', () => {
    expect(toSave(originals, originals)).toBeNull();
  });

  test('a changed file is marked, kept over a reload, and reset brings the original back', () => {
    const edited = setContent(originals, 'server.lua', 'new');
    expect(edited.files.map(isChanged)).toEqual([true, false]);
    const again = restore(originals, toSave(edited, originals));
    expect(again.files[0]?.content).toBe('new');
    expect(resetFile(again, 'server.lua')).toEqual(originals);
  });

  test('an added file is kept and a removed one stays away', () => {
    const changed = removeFile(putFile(originals, 'util.lua', 'u'), 'client.lua');
    const again = restore(originals, toSave(changed, originals));
    expect(paths(again)).toEqual(['server.lua', 'util.lua']);
    expect(again.files.map(isChanged)).toEqual([false, false]);
  });

  test('a renamed file keeps its content, its place and its original', () => {
    const renamed = renameFile(setContent(originals, 'server.lua', 'x'), 'server.lua', 'srv.lua');
    const again = restore(originals, toSave(renamed, originals));
    expect(paths(again)).toEqual(['srv.lua', 'client.lua']);
    expect(again.files[0]).toEqual({ path: 'srv.lua', content: 'x', original: 's' });
  });

  test('a newer shipped file counts as the original of a kept one', () => {
    const saved = toSave(setContent(originals, 'server.lua', 'mine'), originals);
    const newer = fromOriginals('echo', {
      'server.lua': 's2',
      'client.lua': 'c',
      'extra.lua': 'e',
    });
    const again = restore(newer, saved);
    expect(again.files[0]).toEqual({ path: 'server.lua', content: 'mine', original: 's2' });
    expect(paths(again)).toContain('extra.lua');
  });

  test('names are checked before they are taken', () => {
    expect(nameProblem(originals, '')).toBe('empty');
    expect(nameProblem(originals, 'a'.repeat(200))).toBe('long');
    expect(nameProblem(originals, '../x.lua')).toBe('characters');
    expect(nameProblem(originals, 'a//b.lua')).toBe('characters');
    expect(nameProblem(originals, 'a\nb')).toBe('characters');
    expect(nameProblem(originals, 'server.lua')).toBe('taken');
    expect(nameProblem(originals, 'server.lua', 'server.lua')).toBeNull();
    expect(nameProblem(originals, '库/工具.lua')).toBeNull();
  });

  test('a free name is found by counting', () => {
    expect(freeName(originals, 'server.lua')).toBe('server2.lua');
    expect(freeName(putFile(originals, 'server2.lua', ''), 'server.lua')).toBe('server3.lua');
    expect(freeName(originals, 'new')).toBe('new');
  });
});

test('pasted code that names itself gives the name', () => {
  expect(nameInside('-- server.lua\nlocal socket')).toBe('server.lua');
  expect(nameInside('local x = 1')).toBeNull();
});

test('UTF-8 becomes text, anything else stays bytes', () => {
  expect(decodeContent(new TextEncoder().encode('月 moon'))).toBe('月 moon');
  expect(decodeContent(Uint8Array.of(0xff, 0xfe))).toBeInstanceOf(Uint8Array);
  expect(decodeContent(Uint8Array.of(65, 0, 66))).toBeInstanceOf(Uint8Array);
});

import {
  embedHtml,
  embedLink,
  isOnlyHere,
  linkTo,
  readWish,
} from '../../../web/src/page/address.ts';
import { isInForeignFrame, type Frame } from '../../../web/src/page/framing.ts';
import { limits } from '../../../web/src/page/limits.ts';
import { targetOf } from '../../../web/src/page/link-target.ts';
import { makeCatalog } from '../../../web/src/page/example-catalog.ts';
import {
  exampleOfShared,
  isSharedId,
  packShared,
  sharedScript,
  toShare,
  unpackShared,
  type Shared,
} from '../../../web/src/page/sharing.ts';
import { exampleSources, makeBench, settle } from '../support/workbench.ts';

const shared: Shared = {
  files: { 'server.lua': 'print("月亮")\n', 'lib/net.lua': 'return {}\n' },
  dialect: 'chuck',
  run: ['server.lua', 'server.lua'],
};

async function deflated(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return Buffer.from(await new Response(stream).arrayBuffer()).toString('base64url');
}

describe('a project in an address', () => {
  test('comes out as it went in, and the address needs no escaping', async () => {
    const code = await packShared(shared);
    expect(code).toMatch(/^[\w-]+$/);
    expect(await unpackShared(code!)).toEqual(shared);
    const wish = readWish(linkTo('http://x/p/?theme=dark#example=echo', { code: code! }));
    expect(wish).toMatchObject({ code, project: null, theme: null, embed: null });
  });

  test('is refused when it is cut off, foreign, or of a wrong form', async () => {
    const code = (await packShared(shared))!;
    const wrong = [
      '',
      '!',
      code.slice(0, -8),
      await deflated('no json'),
      await deflated('null'),
      await deflated('{"f":{}}'),
      await deflated('{"f":{"a.lua":1}}'),
      await deflated('{"f":{"../a.lua":""}}'),
      await deflated('{"f":{"a//b.lua":""}}'),
    ];
    for (const one of wrong) expect(await unpackShared(one)).toBeNull();
  });

  test('what else stands in it is not believed', async () => {
    const code = await deflated('{"f":{"a.lua":"x"},"d":"perl","r":[1,"a.lua"],"z":1}');
    expect(await unpackShared(code)).toEqual({
      files: { 'a.lua': 'x' },
      dialect: 'luasocket',
      run: ['a.lua'],
    });
  });

  test('a small address that grows large is given up on the way', async () => {
    const bomb = await deflated(`{"f":{"a.lua":"${'x'.repeat(limits.sharedChars * 4)}"}}`);
    expect(bomb.length).toBeLessThan(limits.sharedLinkChars);
    expect(await unpackShared(bomb)).toBeNull();
  });

  test('too much text, or text that does not shrink, goes into no address', async () => {
    const big = 'x'.repeat(limits.sharedChars);
    expect(await packShared({ ...shared, files: { 'a.lua': big } })).toBeNull();
    expect(sharedScript(`${big}x`)).toBeNull();
    let noise = '';
    for (let at = 0, seed = 1; at < limits.sharedChars / 2; at++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      noise += String.fromCharCode(0x21 + ((seed >>> 16) % 0x5d));
    }
    expect(await packShared({ ...shared, files: { 'a.lua': noise } })).toBeNull();
  });

  test('is titled by its head comment, and each content has its own id', () => {
    const titled = exampleOfShared({
      files: { 'echo.lua': exampleSources['luasocket/echo/server.lua'] },
      dialect: 'luasocket',
      run: [],
    });
    expect(titled.header).toMatchObject({
      title: { en: 'Echo' },
      run: ['server.lua', 'client.lua'],
    });
    const one = exampleOfShared(shared);
    expect(one.header.title.en).toBe('Shared project');
    expect(isSharedId(one.id)).toBe(true);
    expect(isSharedId('echo')).toBe(false);
    expect(exampleOfShared({ ...shared, run: [] }).id).not.toBe(one.id);
    expect(exampleOfShared({ ...shared }).id).toBe(one.id);
  });
});

describe('passing the open project on', () => {
  test('an example as shipped goes by its name, a changed one and one’s own with the files', async () => {
    const { workbench } = makeBench();
    await workbench.openProject('echo');
    expect(await targetOf(workbench)).toEqual({ example: 'echo' });
    workbench.edit('client.lua', 'print("mine")');
    const target = await targetOf(workbench);
    const back = target && 'code' in target ? await unpackShared(target.code) : null;
    expect(back?.files['client.lua']).toBe('print("mine")');
    expect(back?.run).toEqual(['server.lua', 'client.lua']);
    await workbench.openProject('own');
    expect(await targetOf(workbench)).toHaveProperty('code');
  });

  test('bytes that are no text stay behind', async () => {
    const { workbench } = makeBench();
    await workbench.openProject('own');
    workbench.uploadFile('picture.png', new Uint8Array([0, 1, 2]));
    expect(Object.keys(toShare(workbench.state.project, 'luasocket', []).files)).toEqual([
      'server.lua',
      'client.lua',
    ]);
  });

  test('what is changed of it is kept like an example, and the oldest goes when they are many', async () => {
    const { workbench, store, clock } = makeBench();
    const ids: string[] = [];
    for (let at = 0; at <= limits.sharedKept; at++) {
      const example = exampleOfShared({ ...shared, files: { 'a.lua': `print(${at})` } });
      ids.push(example.id);
      await workbench.openShared(example);
      workbench.edit('a.lua', '-- changed');
      await workbench.saveNow();
      await clock.advance(1000);
    }
    expect((await store.ids()).length).toBe(limits.sharedKept);
    expect(await store.load(ids[0]!)).toBeNull();
    await workbench.openProject('echo');
    const last = exampleOfShared({
      ...shared,
      files: { 'a.lua': `print(${String(limits.sharedKept)})` },
    });
    await workbench.openShared(last);
    expect(workbench.state.project.files[0]).toMatchObject({ content: '-- changed' });
    workbench.resetProject();
    expect(workbench.state.project.files[0]?.content).toBe(`print(${String(limits.sharedKept)})`);
  });
});

describe('inside somebody’s page', () => {
  test('the HTML carries the address whole, and no quote of a title ends it', () => {
    const look = { isReadOnly: true, runs: true, locale: 'zh', theme: 'dark' } as const;
    const link = embedLink('http://x/p/?a=1#b', { example: 'echo' }, look);
    expect(link).toBe('http://x/p/#embed=1&readonly=1&run=1&lang=zh&theme=dark&example=echo');
    expect(readWish(link)).toEqual({
      project: 'echo',
      code: null,
      lua: null,
      locale: 'zh',
      theme: 'dark',
      embed: { isReadOnly: true, runs: true },
    });
    const text = embedHtml(link, '"><script>', 300);
    expect(text).toContain('src="http://x/p/#embed=1&amp;readonly=1');
    expect(text).toContain('title="&quot;&gt;&lt;script&gt;"');
    expect(text.match(/"/g)).toHaveLength(14);
  });

  test('code is never taken from the query, which servers log', () => {
    expect(readWish('http://x/?code=abc&lua=print(1)')).toMatchObject({ code: null, lua: null });
    expect(readWish('http://x/#lua=print(%22a+b%22%2B1)')).toMatchObject({ lua: 'print("a b"+1)' });
  });

  test('an address of this computer alone is known as one', () => {
    const here = ['http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]:9/', 'file:///x'];
    for (const page of here) expect(isOnlyHere(page)).toBe(true);
    for (const page of ['http://192.168.1.7/', 'https://school.example/'])
      expect(isOnlyHere(page)).toBe(false);
  });

  const frame = (origin: string | null, parent?: Frame): Frame => {
    const location = {
      get origin(): string {
        if (origin === null) throw new Error('SecurityError');
        return origin;
      },
    };
    const made: { parent: Frame; location: { readonly origin: string } } = {
      parent: undefined as unknown as Frame,
      location,
    };
    made.parent = parent ?? made;
    return made;
  };

  test('one foreign page anywhere around is enough', () => {
    expect(isInForeignFrame(frame('http://x'))).toBe(false);
    expect(isInForeignFrame(frame('http://x', frame('http://x')))).toBe(false);
    expect(isInForeignFrame(frame('http://x', frame(null)))).toBe(true);
    expect(isInForeignFrame(frame('http://x', frame('http://x', frame(null))))).toBe(true);
    expect(isInForeignFrame(frame('http://x', frame('null')))).toBe(true);
  });

  test('no proxy is asked for, and none can be chosen', async () => {
    const bench = makeBench(makeCatalog(exampleSources), 'all', true);
    let asked = 0;
    bench.offer = () => {
      asked++;
      return Response.json({ wisp: '/wisp/token/', version: '1' });
    };
    const { workbench } = bench;
    await workbench.openProject('echo');
    await workbench.refreshTunnel();
    workbench.setTunnelChoice({ kind: 'url', url: 'ws://evil.example/' });
    workbench.setTunnelChoice({ kind: 'auto' });
    workbench.tryTunnelNow();
    void workbench.runProject();
    await settle();
    workbench.restartMachine();
    await settle();
    expect(asked).toBe(0);
    expect(bench.workers.flatMap((worker) => worker.kinds('tunnel'))).toEqual([]);
    expect(workbench.state.choice).toEqual({ kind: 'off' });
  });
});

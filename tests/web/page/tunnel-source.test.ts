import {
  askOffer,
  readOffer,
  readTypedUrl,
  shownUrl,
  shownWhy,
  tunnelUrl,
} from '../../../web/src/page/tunnel-source.ts';

const page = 'http://127.0.0.1:8080/app/';

describe('moonwire.json', () => {
  test('its path is resolved against the page, with the page’s security', () => {
    expect(tunnelUrl('/wisp/TOKEN/', page)).toBe('ws://127.0.0.1:8080/wisp/TOKEN/');
    expect(tunnelUrl('/wisp/T/', 'https://lua.example/x/?y')).toBe('wss://lua.example/wisp/T/');
    expect(tunnelUrl('wss://other.example/w/', page)).toBe('wss://other.example/w/');
    expect(tunnelUrl('ftp://x/', page)).toBeNull();
  });

  test('anything but the proxy’s own form is no proxy', () => {
    expect(readOffer('{"version":"1","wisp":"/wisp/T/","rules":{}}', page)).toEqual({
      kind: 'proxy',
      url: 'ws://127.0.0.1:8080/wisp/T/',
      version: '1',
    });
    for (const text of [
      '',
      '<!doctype html>',
      'null',
      '[]',
      '{}',
      '{"wisp":7}',
      '{"wisp":"javascript:x"}',
    ]) {
      expect(readOffer(text, page)).toEqual({ kind: 'none' });
    }
  });

  test('a missing file is no proxy, no answer is a proxy that may be down', async () => {
    const answer =
      (status: number, text = ''): typeof fetch =>
      () =>
        Promise.resolve(new Response(text, { status }));
    expect(await askOffer(page, answer(404))).toEqual({ kind: 'none' });
    expect(await askOffer(page, answer(502))).toEqual({ kind: 'unreachable' });
    expect(await askOffer(page, () => Promise.reject(new TypeError('network')))).toEqual({
      kind: 'unreachable',
    });
  });

  test('it is asked for beside the page, wherever that is', async () => {
    let asked = '';
    await askOffer('https://x.example/moon/index.html', (input) => {
      asked = input instanceof URL ? input.href : '';
      return Promise.resolve(new Response('{}'));
    });
    expect(asked).toBe('https://x.example/moon/moonwire.json');
  });
});

test('a typed address is taken when it can be a tunnel’s', () => {
  expect(readTypedUrl(' wss://a.example/wisp/ ')).toBe('wss://a.example/wisp/');
  expect(readTypedUrl('https://a.example/')).toBe('wss://a.example/');
  for (const url of ['websockify://10.0.0.1:6080/', 'websockifys://a.example/'])
    expect(readTypedUrl(url)).toBe(url);
  for (const wrong of ['', 'a.example', 'ftp://a', 'ws://', 'javascript:1'])
    expect(readTypedUrl(wrong)).toBeNull();
});

test('the token is not shown', () => {
  expect(shownUrl('ws://127.0.0.1:8080/wisp/0123456789abcdef0123/')).toBe(
    'ws://127.0.0.1:8080/wisp/…/',
  );
  expect(shownUrl('wss://a.example/wisp/')).toBe('wss://a.example/wisp/');
});

test('a reason is told without the token in its address', () => {
  const why =
    'no connection to ws://127.0.0.1:8080/wisp/cbcb7239b10368a24f5e0c11/: nothing answers';
  expect(shownWhy(why)).toBe('no connection to ws://127.0.0.1:8080/wisp/…/: nothing answers');
  expect(shownWhy('closed')).toBe('closed');
});

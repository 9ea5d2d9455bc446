// What the page tells of a published address.
import { expect, test } from '@jest/globals';

import { isForOthers, phoneUrl, portOf, qrPath } from '../../../web/src/page/door.ts';

test('the port stands behind the last colon', () => {
  expect(portOf('127.0.0.1:34567')).toBe(34567);
  expect(portOf('[fe80::1]:80')).toBe(80);
});

test('only loopback is for the proxy’s machine alone', () => {
  for (const own of ['127.0.0.1:80', '127.9.9.9:80', '[::1]:80', 'localhost:80'])
    expect(isForOthers(own)).toBe(false);
  for (const open of ['192.168.1.7:80', '[2001:db8::1]:80', 'class.example:80'])
    expect(isForOthers(open)).toBe(true);
});

test('a phone opens it as a page', () => {
  expect(phoneUrl('192.168.1.7:12345')).toBe('http://192.168.1.7:12345/');
});

test('each dark module is a square of its own place', () => {
  expect(qrPath([])).toBe('');
  expect(
    qrPath([
      [true, false],
      [false, true],
    ]),
  ).toBe('M0 0h1v1h-1zM1 1h1v1h-1z');
});

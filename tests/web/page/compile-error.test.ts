import { readCompileError } from '../../../web/src/page/compile-error.ts';

test('a file that compiles has no error', () => {
  expect(readCompileError({ line: null, message: '' })).toBeNull();
});

test('the message loses the place that is shown beside it', () => {
  const answer = { line: 3, message: "a:1.lua:3: '=' expected near 'x:1: y'" };
  expect(readCompileError(answer)).toEqual({ line: 3, message: "'=' expected near 'x:1: y'" });
});

test('a goto without a label is marked where it stands', () => {
  const answer = { line: 9, message: "x.lua:9: no visible label 'top' for <goto> at line 2" };
  expect(readCompileError(answer)?.line).toBe(2);
});

// The linter's rules: strict and type-checked for TypeScript, and the wall between page and worker.
import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Forbids importing from `folders`; `why` is what the developer reads. */
function wall(folders, why) {
  return {
    'no-restricted-imports': [
      'error',
      { patterns: [{ group: folders.map((name) => `**/${name}/**`), message: why }] },
    ],
  };
}

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'node_modules/', 'tests/e2e/results/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      complexity: ['warn', 20],
      'max-lines-per-function': ['warn', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': ['warn', 4],
    },
  },
  {
    files: ['web/src/page/**/*.ts'],
    rules: wall(['worker', 'node'], 'The page talks to the worker through protocol.ts only.'),
  },
  {
    files: ['web/src/worker/**/*.ts'],
    rules: wall(['page'], 'The worker knows no page; what both need is in protocol.ts.'),
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
  },
);

// Jest runs the modules of web/ that need no browser. TypeScript is stripped file by file; `./moonwire check` does the types.
export default {
  testMatch: ['<rootDir>/tests/{web,cli}/**/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      { useESM: true, diagnostics: false, tsconfig: 'tests/web/tsconfig.json' },
    ],
  },
};

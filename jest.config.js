// Jest runs what needs Node and no browser. TypeScript is stripped file by file; `./moonwire check` does the types.
export default {
  testMatch: ['<rootDir>/tests/{web,cli,proxy}/**/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      { useESM: true, diagnostics: false, tsconfig: 'tests/web/tsconfig.json' },
    ],
  },
};

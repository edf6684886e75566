/** One configuration for every project: native ESM (NestJS is ESM only), TypeScript by swc. */
export default {
  testEnvironment: 'node',
  // Of its own, since each run has a temporary directory of its own.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  moduleNameMapper: {
    '^@wattbus/([a-z-]+)$': [
      '<rootDir>/libs/$1/src/index.ts',
      '<rootDir>/services/$1/src/index.ts',
      '<rootDir>/$1/src/index.ts',
    ],
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  // Generous, so that a slow machine passes; a test that hangs still ends.
  testTimeout: 240_000,
};

import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Each outside driver has one owner; everybody else meets it on the bus or behind a lib. */
const owners = {
  aedes: ['services/broker', 'libs/testing'],
  serialport: ['services/meter-ingest', 'services/meter-simulator'],
  influx: ['libs/time-series'],
  libsql: ['libs/time-series'],
};
const foreignDrivers = (folder) =>
  Object.entries(owners)
    .filter(([, folders]) => !folders.includes(folder))
    .map(([name, folders]) => ({ name, message: `Only ${folders.join(' and ')} may import it.` }));

/** Core is pure: no I/O, no clock, no timers; time and chance come in as arguments. */
const timeIsAnArgument = 'Time and chance are arguments here.';
const pure = {
  'no-restricted-imports': [
    'error',
    {
      paths: foreignDrivers(''),
      patterns: [
        { regex: '^node:(?!buffer$|crypto$|zlib$)', message: 'Core and domain do no I/O.' },
        { regex: '^(mqtt|pino|@nestjs/.*)$', message: 'Core and domain know no transport.' },
      ],
    },
  ],
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate', 'process', 'fetch', 'performance'],
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: timeIsAnArgument,
    },
    {
      selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
      message: timeIsAnArgument,
    },
    {
      selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
      message: timeIsAnArgument,
    },
  ],
};

const layer = (sourceTag, below, allowedExternalImports) => ({
  sourceTag: `layer:${sourceTag}`,
  onlyDependOnLibsWithTags: below.map((tag) => `layer:${tag}`),
  ...(allowedExternalImports ? { allowedExternalImports } : {}),
});

const node = ['node:*'];
/** `service → shell → contract → core`: never up, never sideways between services. */
const layers = [
  layer('core', ['core'], ['zod', 'luxon', 'date-holidays', ...node]),
  layer('contract', ['core'], ['zod', ...node]),
  layer('shell', ['shell', 'contract', 'core']),
  layer('service', ['shell', 'contract', 'core']),
  layer('composition', ['composition', 'service', 'shell', 'contract', 'core']),
  layer('test', ['service', 'shell', 'contract', 'core', 'test', 'composition']),
];
const layersOfTests = layers.map((one) => ({
  sourceTag: one.sourceTag,
  onlyDependOnLibsWithTags: [
    ...one.onlyDependOnLibsWithTags,
    'layer:test',
    'layer:shell',
    'layer:contract',
  ],
}));

const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      enforceBuildableLibDependency: false,
      banTransitiveDependencies: false,
      allow: [],
      depConstraints,
    },
  ],
});

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      ...boundaries(layers),
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-console': 'off',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      eqeqeq: 'error',
      'no-restricted-imports': ['error', { paths: foreignDrivers('') }],
    },
  },
  ...[...new Set(Object.values(owners).flat())].map((folder) => ({
    files: [`${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { paths: foreignDrivers(folder) }] },
  })),
  {
    files: [
      'libs/{energy-model,meter-protocols,tariffs,load-analysis,load-control,mqtt-contract}/src/**/*.ts',
      'services/*/src/domain/**/*.ts',
    ],
    ignores: ['**/*.test.ts'],
    rules: pure,
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts', 'end-to-end/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      ...boundaries(layersOfTests),
      'max-lines-per-function': 'off',
      'no-restricted-imports': 'off',
    },
  },
);

import { defineVitestProject } from '@nuxt/test-utils/config'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'

/** TEST_SEED puts files and tests in a random order, the same one for the same seed. */
const seed = process.env.TEST_SEED
const order = seed === undefined ? {} : { shuffle: true, seed: Number(seed) }
/** Files at a time where tests wait for an engine, a simulator or a clock more than they compute */
const maxWorkers = 2

/** Where each answer of the simulator takes as long as HubSpot's, a test of many calls takes minutes. */
const patienceMs = process.env.SIMULATOR_STRANGE === 'real' ? 600_000 : 60_000

/** The projects that the command line names; none: all are asked for */
const named = process.argv.flatMap((argument, index, all) =>
  argument === '--project'
    ? [all[index + 1] ?? '']
    : argument.startsWith('--project=')
      ? [argument.slice('--project='.length)]
      : [],
)
/** Nuxt takes seconds to read its configuration, and does so whichever project is run. */
const isNuxtAsked = named.length === 0 || named.some(name => /^components$|[*!]/.test(name))

const components: TestProjectConfiguration = () =>
  defineVitestProject({
    test: {
      name: 'components',
      sequence: { ...order, groupOrder: 1 },
      include: ['tests/components/**/*.test.ts'],
      setupFiles: ['tests/components/setup.ts'],
      environmentOptions: {
        nuxt: {
          domEnvironment: 'happy-dom',
          // Dev, build and typecheck have `.nuxt` for themselves.
          overrides: { buildDir: 'node_modules/.cache/nuxt-components' },
        },
      },
      testTimeout: 30_000,
    },
  })

/**
 * `unit` needs nothing; `components` renders Vue components in Nuxt's own environment, over
 * happy-dom; `built` asks the production build, started as a process, and makes it when it is missing or old. `integration`,
 * `processes` and `built` share one embedded MongoDB engine started by the global set-up (or the
 * server named by TEST_MONGODB_URI), each test in a database of its own.
 *
 * Without isolation (`unit`, `integration`) a worker loads the server once and runs file after file; loading it for each
 * file cost 1.8 s of a processor. A file makes its services itself, and gives back what it replaces
 * (docs/decisions.md, D247).
 */
export default defineConfig({
  test: {
    sequence: order,
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { ...order, groupOrder: 0 },
          include: ['tests/unit/**/*.test.ts'],
          environment: 'node',
          isolate: false,
          testTimeout: 30_000,
        },
      },
      ...(isNuxtAsked ? [components] : []),
      {
        test: {
          name: 'integration',
          sequence: { ...order, groupOrder: 2 },
          include: ['tests/integration/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['tests/support/global-setup.ts'],
          maxWorkers,
          isolate: false,
          // A wait gives up after 30 s and says what it waited for: the test around it has to go on
          // for longer.
          testTimeout: patienceMs,
          hookTimeout: patienceMs,
        },
      },
      {
        test: {
          name: 'processes',
          sequence: { ...order, groupOrder: 3 },
          include: ['tests/processes/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['tests/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'built',
          sequence: { ...order, groupOrder: 4 },
          include: ['tests/built/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['tests/support/global-setup.ts', 'tests/support/built-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          maxWorkers,
        },
      },
    ],
  },
})

import { fileURLToPath } from 'node:url'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** TEST_SEED puts files and tests in a random order, the same one for the same seed. */
const seed = process.env.TEST_SEED
const order = seed === undefined ? {} : { shuffle: true, seed: Number(seed) }
/** Files at a time where tests wait for an engine, a simulator or a clock more than they compute */
const maxWorkers = 2

/**
 * `unit` needs nothing; `components` renders Vue components in happy-dom; `built` asks the
 * production build, started as a process, and makes it when it is missing or old. `integration`,
 * `processes` and `built` share one embedded MongoDB engine started by the global set-up (or the
 * server named by TEST_MONGODB_URI), each test in a database of its own.
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
          testTimeout: 30_000,
        },
      },
      {
        // Nuxt UI's own plugin gives the components what Nuxt gives them: its components, ours, and
        // auto-imports. No file is written.
        plugins: [
          vue(),
          ui({
            dts: false,
            colorMode: false,
            autoImport: { dts: false, imports: ['vue'], dirs: ['composables', 'utils'] },
            components: { dts: false, dirs: ['components'] },
          }),
        ],
        resolve: { alias: { '~': fileURLToPath(new URL('.', import.meta.url)) } },
        test: {
          name: 'components',
          sequence: { ...order, groupOrder: 1 },
          include: ['tests/components/**/*.test.ts'],
          environment: 'happy-dom',
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { ...order, groupOrder: 2 },
          include: ['tests/integration/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['tests/support/global-setup.ts'],
          maxWorkers,
          // A wait gives up after 30 s and says what it waited for: the test around it has to go on
          // for longer.
          testTimeout: 60_000,
          hookTimeout: 60_000,
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

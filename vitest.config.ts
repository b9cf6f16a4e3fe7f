import { defineConfig } from 'vitest/config'

const programs = ['shared', 'server', 'pwa', 'extension']

export default defineConfig({
  test: {
    include: [
      ...programs.map((folder) => `${folder}/**/*.test.{ts,tsx}`),
      'tests/*.test.ts',
      'tests/{races,hostile,support}/**/*.test.ts',
    ],
    environment: 'node',
    globalSetup: 'tests/support/house/run-cluster.ts',
    // Real processes, because tests kill them; each file its own, so that what one leaks cannot help another.
    pool: 'forks',
    maxWorkers: 2,
    // Generous for two noisy cores: a hang still ends, a slow minute fails nothing.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    retry: 0,
    allowOnly: false,
    passWithNoTests: false,
    // A zone that no hospital has: code that takes the machine's for the hospital's is found.
    env: { TZ: 'America/St_Johns' },
  },
})

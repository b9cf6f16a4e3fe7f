import { readFileSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { announce, temporaryCluster } from '../postgres.ts'

/** One PostgreSQL for the whole run, unless no chosen test file asks for it: starting takes two seconds. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const filters = (project.vitest as { filenamePattern?: string[] }).filenamePattern
  const chosen = await project.vitest.globTestSpecifications(filters)
  if (!chosen.some(({ moduleId }) => readFileSync(moduleId, 'utf8').includes('testDatabases'))) return undefined
  const cluster = await temporaryCluster({ fast: true })
  announce(cluster)
  if (!('absent' in cluster)) return () => cluster.stop()
  console.warn(`PostgreSQL: ${cluster.absent}; tests that need it are skipped`)
  return undefined
}

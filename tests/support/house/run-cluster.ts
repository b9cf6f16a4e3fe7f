import { announce, temporaryCluster } from '../postgres.ts'

/** One PostgreSQL for the whole run: it takes half a second. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const cluster = await temporaryCluster({ fast: true })
  announce(cluster)
  if (!('absent' in cluster)) return () => cluster.stop()
  console.warn(`PostgreSQL: ${cluster.absent}; tests that need it are skipped`)
  return undefined
}

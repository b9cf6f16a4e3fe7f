import type { Deps } from '../../platform/deps.ts'
import { ingest, type Origin } from '../ingest.ts'
import type { ImportError } from './entry.ts'
import { ErrorList } from './errors.ts'
import { isImported, readEntries } from './read.ts'
import { shiftDates } from './shift.ts'

export interface FileCounts {
  stored: number
  unchanged: number
  skipped: number
  rejected: number
}

/**
 * Reads, labels and stores one file or body, batch by batch in bounded memory. Errors are told as they come; what is good
 * goes in. `shiftDays` moves every date alike; `bases` are addresses of the source's own server.
 */
export async function importStream(
  deps: Deps,
  origin: Origin,
  chunks: AsyncIterable<Uint8Array>,
  file: { name: string; shiftDays: number; bases?: string[] },
  tell: (error: ImportError) => void,
): Promise<FileCounts> {
  const counts: FileCounts = { stored: 0, unchanged: 0, skipped: 0, rejected: 0 }
  for await (const batch of readEntries(chunks, file.name, isImported, file.bases)) {
    const entries =
      file.shiftDays === 0
        ? batch.entries
        : batch.entries.map((entry) => ({ ...entry, resource: shiftDates(entry.resource, file.shiftDays) }))
    const done = await ingest(deps, origin, entries)
    counts.stored += done.stored
    counts.unchanged += done.unchanged
    counts.skipped += batch.skipped + done.skipped
    counts.rejected += batch.rejected + done.rejected
    const refused = new ErrorList()
    refused.addAll(done.errors)
    for (const error of [...batch.errors, ...refused.list]) tell(error)
  }
  return counts
}

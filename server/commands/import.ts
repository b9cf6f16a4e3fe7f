import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readEntries } from '../records/import/read.ts'
import { isBase } from '../records/import/references.ts'
import { newestClinicalDate } from '../records/import/shift.ts'
import { reachStore } from './store.ts'
import { BadUsage, type Command, parse, printLine, say } from './usage.ts'

const readable = /\.(json|ndjson|jsonl)(\.gz)?$/i

export const importCommand: Command = {
  summary: 'FHIR R4 resources, bundles and NDJSON into the store, labelled on the way',
  help: `zhiqing import FILE or DIR ... [--source NAME] [--base URL ...] [--shift-to DATE]

Takes FHIR R4 JSON (one resource, an array, a bundle of any type) and NDJSON of any size, also gzipped. Of a folder it
takes every .json, .ndjson and .jsonl below it. Good entries of a bundle commit together; a bad entry is reported and the
rest goes in; doing it twice changes nothing.

  --source NAME      whose ids these are (default: hospital); two hospitals may use the same ids
  --base URL         the FHIR address of that source (https://host/fhir): references that begin with it are to its records.
                     May be given again. References to any other server are not followed, save those that a bundle's
                     own addresses explain
  --shift-to DATE    move all dates alike by whole days, so that the newest clinical one falls on DATE (YYYY-MM-DD)

stdout, one JSON a line: {"file","path","code","message"} per error, then per file
{"file","stored","unchanged","skipped","rejected"}. Exit code 1 if anything was rejected.
Where a gateway has the store open, the files go through it.
`,
  async run(args) {
    const { values, positionals } = parse(() =>
      parseArgs({
        args,
        allowPositionals: true,
        options: {
          source: { type: 'string', default: 'hospital' },
          base: { type: 'string', multiple: true, default: [] },
          'shift-to': { type: 'string' },
        },
      }),
    )
    if (positionals.length === 0) throw new BadUsage('import needs a FILE or DIR; see zhiqing import --help')
    if (!/^[\w.-]{1,64}$/.test(values.source)) throw new BadUsage('--source takes letters, digits, dot, dash, underscore')
    const { source, base: bases } = values
    if (!bases.every(isBase)) throw new BadUsage('--base takes an address such as https://host/fhir')
    const files = positionals.flatMap(filesBelow)
    if (files.length === 0) throw new BadUsage('no .json, .ndjson or .jsonl file was found there')
    const shiftDays = values['shift-to'] === undefined ? 0 : await daysTo(values['shift-to'], files)
    const store = await reachStore()
    let rejected = 0
    try {
      for (const name of files) {
        rejected += (await store.import({ name, source, bases, shiftDays }, createReadStream(name), printLine)).rejected
      }
    } finally {
      await store.close()
    }
    return rejected > 0 ? 1 : 0
  },
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) throw new BadUsage(`${path} does not exist`)
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && readable.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function daysTo(date: string, files: string[]): Promise<number> {
  const wanted = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(wanted)) throw new BadUsage('--shift-to takes a day as YYYY-MM-DD')
  let newest = ''
  for (const name of files) {
    for await (const { entries } of readEntries(createReadStream(name), name)) {
      for (const { resource } of entries) {
        const day = newestClinicalDate(resource)
        if (day !== null && day > newest) newest = day
      }
    }
  }
  if (newest === '') throw new BadUsage('--shift-to: these files hold no clinical date')
  const days = Math.round((wanted - Date.parse(`${newest}T00:00:00Z`)) / 86_400_000)
  say(`newest clinical date ${newest}: all dates move by ${days} days`)
  return days
}

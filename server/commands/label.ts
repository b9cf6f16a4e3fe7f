import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { labelText, type Reason } from '../../shared/labels/label.ts'
import { findProfile, type Profile, profileIds } from '../../shared/policy/profile.ts'
import type { Batch } from '../records/import/entry.ts'
import { readEntries } from '../records/import/read.ts'
import { isHidden, type Node, ownLabel, type StoredLabel, settleAlong } from '../records/labelled.ts'
import { linksOf } from '../records/links.ts'
import { BadUsage, type Command, parse, printLine } from './usage.ts'

export const labelCommand: Command = {
  summary: 'which records are sensitive, and why',
  help: `zhiqing label [FILE ...] [--lines] [--profile CN]

Labels FHIR R4 JSON (a resource, an array, a bundle, NDJSON), or with --lines each line of text. Without FILE it reads
stdin. One JSON a line on stdout, in input order:

  {"ref","classes","proxies","hidden","because":[{"rule","at","match"}]}

ref       Type/id, or the number of the line, from 1
classes   what it is about: HIV HEPATITIS STD GENETIC TUMOUR MENTAL REPRODUCTIVE SUBSTANCE
proxies   what it would betray, such as a CD4 count
hidden    told in person only under the profile; also what nobody can say the meaning of (rule "unknown")
because   at: FHIRPath, or start-end in UTF-16 units of the line. In a bundle, records of a sensitive visit, order or
          panel are hidden along (rule "along")

Exit code 1 if an input could not be read (its error is on stderr), 2 for bad usage.
`,
  async run(args) {
    const { values, positionals } = parse(() =>
      parseArgs({
        args,
        allowPositionals: true,
        options: { lines: { type: 'boolean', default: false }, profile: { type: 'string', default: 'CN' } },
      }),
    )
    const profile = findProfile(values.profile)
    if (!profile) throw new BadUsage(`--profile takes one of ${profileIds.join(', ')}`)
    for (const file of positionals) if (!existsSync(file)) throw new BadUsage(`${file} does not exist`)
    const inputs = positionals.length === 0 ? [null] : positionals
    let failed = false
    for (const file of inputs) {
      const stream = file === null ? process.stdin : createReadStream(file)
      if (values.lines) await labelLines(stream, profile)
      else if (await labelResources(stream, file ?? 'stdin', profile)) failed = true
    }
    return failed ? 1 : 0
  },
}

const print = (ref: string | number, { classes, proxies, hidden }: Omit<Printed, 'because'>, because: Reason[]) =>
  printLine({ ref, classes, proxies, hidden, because })

interface Printed {
  classes: string[]
  proxies: string[]
  hidden: boolean
  because: Reason[]
}

async function labelLines(stream: NodeJS.ReadableStream, profile: Profile): Promise<void> {
  let number = 0
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    const label = labelText(line, profile)
    print(number, label, label.because)
  }
}

async function labelResources(stream: NodeJS.ReadableStream, name: string, profile: Profile): Promise<boolean> {
  let failed = false
  let count = 0
  for await (const batch of readEntries(stream as AsyncIterable<Uint8Array>, name, () => true)) {
    for (const { path, code, message } of batch.errors) {
      failed = true
      process.stderr.write(`${JSON.stringify({ file: name, path, code, message })}\n`)
    }
    for (const { resource, label } of labelBatch(batch, profile)) {
      count += 1
      const ref = typeof resource.id === 'string' ? `${resource.resourceType}/${resource.id}` : count
      const along = label.along && !label.own ? [{ rule: 'along', at: resource.resourceType, match: label.with }] : []
      print(ref, { ...label, hidden: isHidden(label) }, [...label.because, ...along])
    }
  }
  return failed
}

type InBatch = StoredLabel & { with: string }

/** Labels of one batch; within a bundle, sensitive visits, orders and panels take their records along, as in the store. */
function labelBatch({ entries, atomic }: Batch, profile: Profile): { resource: FhirResource; label: InBatch }[] {
  const refOf = ({ resourceType, id }: FhirResource) => `${resourceType}/${id}`
  const byRef = new Map(entries.map(({ resource }) => [refOf(resource), resource]))
  const nodes = new Map<string, Node>()
  for (const { resource } of entries) {
    const links = linksOf(resource)
    const drugs = links.filter(({ role }) => role === 'drug').map(({ to }) => byRef.get(to))
    const label = ownLabel(
      resource,
      profile,
      drugs.filter((drug) => drug !== undefined),
    )
    const to = (role: string) => (atomic ? links.filter((link) => link.role === role).map((link) => link.to) : [])
    nodes.set(refOf(resource), { label, containers: to('container'), follows: to('follows'), reports: [] })
  }
  if (atomic) {
    for (const { resource } of entries) {
      for (const { role, to } of linksOf(resource)) if (role === 'member') nodes.get(to)?.reports.push(refOf(resource))
    }
  }
  const along = settleAlong(nodes, () => undefined)
  return entries.map(({ resource }) => {
    const ref = refOf(resource)
    const node = nodes.get(ref) as Node
    const taker = [...node.containers, ...node.follows, ...node.reports].find((id) => nodes.get(id)?.label.own || along.get(id))
    return { resource, label: { ...node.label, along: along.get(ref) ?? false, with: taker ?? '' } }
  })
}

import { fraction, pick, whole } from '../../../server/demo/random.ts'
import type { FhirCodeableConcept, FhirResource } from '../../../shared/contract/fhir.ts'
import {
  amountOf,
  type Drawn,
  effective,
  laboratory,
  local,
  loinc,
  make,
  type Row,
  refTo,
  said,
  section,
  status,
} from './draft.ts'
import terms from './terms.json' with { type: 'json' }

const words = terms.ordinary
export const rows = words.tests as unknown as Row[]
const aliases = words.aliases as Record<string, string[]>
/** Where a record belongs to a visit. */
export type Encounter = { encounter?: { reference: string } }

/** A test as hospitals name it: by LOINC, by their own code, by words alone; in either script or English. */
function nameOf(drawn: Drawn, purpose: string, [code, name]: Row): FhirCodeableConcept {
  const at = `${drawn.key}/${purpose}/name`
  const word = pick(at, [name, name, ...(aliases[code] ?? [])])
  const form = fraction(`${at}/form`)
  if (form < 0.15) return { text: ` ${word} ` }
  const coding = [{ system: loinc, code }]
  if (form < 0.25) return { coding }
  if (form < 0.5)
    return { coding: [{ system: `${local}/item`, code: `L${code.slice(0, 4)}`, display: word }, ...coding], text: word }
  return { coding, text: word }
}

export function observation(drawn: Drawn, purpose: string, row: Row, more: Record<string, unknown> = {}): FhirResource {
  return make(drawn, purpose, 'Observation', {
    status: status(drawn, purpose),
    category: laboratory,
    code: nameOf(drawn, purpose, row),
    subject: drawn.patient,
    ...effective(drawn, purpose),
    ...amountOf(drawn, purpose, row),
    ...more,
  })
}

/** Some different tests: neighbours in the list, from a drawn place. */
export function someTests(drawn: Drawn, purpose: string, count: number): Row[] {
  const from = whole(`${drawn.key}/${purpose}/from`, 0, rows.length - 1)
  return Array.from({ length: count }, (_, index) => rows[(from + index) % rows.length] ?? rows[0]!)
}

export function panel(drawn: Drawn, purpose: string, encounter: Encounter): FhirResource[] {
  const count = whole(`${drawn.key}/${purpose}/members`, 2, 6)
  const members = someTests(drawn, purpose, count).map((row, index) => observation(drawn, `${purpose}/${index}`, row, encounter))
  const report = make(drawn, purpose, 'DiagnosticReport', {
    status: status(drawn, purpose),
    category: section('LAB'),
    code: said(pick(`${drawn.key}/${purpose}/title`, words.panels)),
    subject: drawn.patient,
    ...encounter,
    ...effective(drawn, purpose),
    performer: [{ display: pick(`${drawn.key}/${purpose}/place`, ['检验科', '門診化驗室', 'Central laboratory']) }],
    result: members.map(refTo),
  })
  return [...members, report]
}

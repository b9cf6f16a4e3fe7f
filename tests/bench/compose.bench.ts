import { composeReport } from '../../server/records/compose.ts'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { type Figure, perCpuSecond } from './harness.ts'
import { personLines } from './import/lines.ts'

/** Reports are composed when they come in, never when they are read. */
export default async function compose(): Promise<Figure[]> {
  const all = [...personLines(1)] as FhirResource[]
  const report = all.find(({ resourceType }) => resourceType === 'DiagnosticReport') as FhirResource
  const results = all.filter(({ resourceType, id }) => resourceType === 'Observation' && id?.startsWith(`${report.id}-`))
  const who = { sex: 'female', birthDate: '1960-01-01' } as const
  if (composeReport(report, results, who, 'Asia/Shanghai')?.detail.items.length !== 8) throw new Error('composed something else')
  const text = JSON.stringify([report, ...results])
  return [
    {
      name: 'composing a report of eight results',
      unit: 'reports per CPU second',
      value: perCpuSecond(() => composeReport(report, results, who, 'Asia/Shanghai')),
      reference: {
        name: 'JSON.parse and JSON.stringify of the same',
        value: perCpuSecond(() => JSON.stringify(JSON.parse(text))),
      },
    },
  ]
}

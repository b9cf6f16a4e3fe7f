import { Buffer } from 'node:buffer'
import { fraction, idOf, pick, whole } from '../../../server/demo/random.ts'
import type { FhirCodeableConcept, FhirResource } from '../../../shared/contract/fhir.ts'

export interface Drawn {
  key: string
  patient: { reference: string }
  now: Date
}

export const loinc = 'http://loinc.org'
export const local = 'https://his.example/codes'
export const atc = 'http://www.whocc.no/atc'
export const icd10 = 'http://hl7.org/fhir/sid/icd-10'
export const snomed = 'http://snomed.info/sct'
export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm'

export const chance = (purpose: string, share: number): boolean => fraction(purpose) < share
export const refTo = (resource: FhirResource) => ({ reference: `${resource.resourceType}/${resource.id}` })
export const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
export const coded = (system: string, code: string, display?: string): FhirCodeableConcept => ({
  coding: [{ system, code, ...(display !== undefined && { display }) }],
})
export const said = (text: string): FhirCodeableConcept => ({ text })

export const narrative = (text: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text}</p></div>`,
})

const day = 86_400_000
const iso = (time: number) => `${new Date(time + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`

/** Local midnight three calendar months before `now` in China, where a viewing window of three months begins. */
export function windowStart(now: Date): number {
  const local = new Date(now.getTime() + 8 * 3_600_000)
  const first = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - 3, 1))
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), Math.min(local.getUTCDate(), lastDay)) - 8 * 3_600_000
}

/** Mostly inside the window, at times before it, on its very edge, or at one of three instants that many records share. */
function timeOf(drawn: Drawn, purpose: string): number {
  const now = drawn.now.getTime()
  const start = windowStart(drawn.now)
  const draw = fraction(`${drawn.key}/${purpose}/when`)
  if (draw < 0.3) return now - whole(`${drawn.key}/tie/${Math.floor(draw * 10)}`, 3, 70) * day
  if (draw < 0.72) return now - Math.floor(fraction(`${drawn.key}/${purpose}/ago`) * (now - start - day)) - 60_000
  if (draw < 0.76) return start
  if (draw < 0.8) return start - 1000
  return start - whole(`${drawn.key}/${purpose}/old`, 1, 900) * day
}

/** FHIR allows an offset, UTC, or a day alone. */
export function whenOf(drawn: Drawn, purpose: string): string {
  const time = timeOf(drawn, purpose)
  const form = fraction(`${drawn.key}/${purpose}/form`)
  if (form < 0.15) return iso(time).slice(0, 10)
  return form < 0.4 ? new Date(time).toISOString() : iso(time)
}

export const instantOf = (drawn: Drawn, purpose: string): string => iso(timeOf(drawn, purpose))

/** The same instant in one of the elements that may carry it. */
export function effective(drawn: Drawn, purpose: string): Record<string, unknown> {
  const at = whenOf(drawn, purpose)
  const form = fraction(`${drawn.key}/${purpose}/element`)
  if (form < 0.1) return { effectivePeriod: { start: at } }
  if (form < 0.18 && at.length > 10) return { issued: at }
  if (form < 0.24 && at.length > 10) return { effectiveInstant: at }
  return { effectiveDateTime: at, ...(at.length > 10 && form < 0.7 && { issued: at }) }
}

/** A resource with an id of its purpose and, at times, the odd but legal extras of a real system. */
export function make(drawn: Drawn, purpose: string, resourceType: string, body: Record<string, unknown>): FhirResource {
  const name = `${drawn.key}/${purpose}`
  return {
    resourceType,
    id: idOf(name),
    ...(chance(`${name}/meta`, 0.3) && { meta: { versionId: '1', lastUpdated: drawn.now.toISOString() } }),
    ...(chance(`${name}/language`, 0.1) && { language: 'zh-CN' }),
    ...(chance(`${name}/extension`, 0.1) && {
      extension: [{ url: 'https://his.example/extension/branch', valueString: '东院区' }],
    }),
    ...body,
  }
}

export type Row = readonly [string, string, string, number, number]

/** A figure in or somewhat out of its range, told in one of the ways FHIR has for it. */
export function amountOf(drawn: Drawn, purpose: string, [, , unit, low, high]: Row): Record<string, unknown> {
  const name = `${drawn.key}/${purpose}`
  const value = Number((low + (fraction(`${name}/value`) * 1.5 - 0.25) * (high - low)).toFixed(2))
  const amount = (number: number) => ({ value: number, unit, system: 'http://unitsofmeasure.org', code: unit })
  const form = fraction(`${name}/value form`)
  if (form < 0.05) return { valueString: `${value} ${unit}` }
  if (form < 0.09) return { dataAbsentReason: coded('http://terminology.hl7.org/CodeSystem/data-absent-reason', 'error') }
  if (form < 0.13) return { valueQuantity: { ...amount(value), comparator: '<' } }
  if (form < 0.16) return { valueRange: { low: amount(low), high: amount(high) } }
  return {
    valueQuantity: amount(value),
    ...(form < 0.85 && { referenceRange: [{ low: amount(low), high: amount(high) }] }),
    ...(form < 0.6 && {
      interpretation: [
        coded('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', value > high ? 'H' : value < low ? 'L' : 'N'),
      ],
    }),
  }
}

export const status = (drawn: Drawn, purpose: string): string =>
  pick(`${drawn.key}/${purpose}/status`, ['final', 'final', 'final', 'final', 'amended', 'corrected', 'preliminary'])

export const laboratory = [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory')]
export const vitalSigns = [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs')]
export const section = (code: 'LAB' | 'RAD' | 'PAT') => [coded('http://terminology.hl7.org/CodeSystem/v2-0074', code)]

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { bringIn, type Gateway, giveAccount, signIn, startGateway } from '../support/gateway.ts'
import { stores, type TestStore } from '../support/stores.ts'

const restricted = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] }

/** One person's resources, by short names. */
const person = (name: string, birthDate: string): FhirResource => ({
  resourceType: 'Patient',
  id: name,
  name: [{ text: `测试${name}` }],
  birthDate,
})
const result = (of: string, id: string, text: string, more: object = {}): FhirResource => ({
  resourceType: 'Observation',
  id: `${of}-${id}`,
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }],
  code: { text },
  subject: { reference: `Patient/${of}` },
  effectiveDateTime: '2026-11-10T08:00:00+08:00',
  valueQuantity: { value: 5, unit: 'mmol/L' },
  ...more,
})
const listing = (ids: string[]) => ids.map((id) => ({ reference: `Observation/${id}` }))
const report = (of: string, id: string, text: string, results: string[], more: object = {}): FhirResource => ({
  resourceType: 'DiagnosticReport',
  id: `${of}-${id}`,
  status: 'final',
  code: { text },
  subject: { reference: `Patient/${of}` },
  effectiveDateTime: '2026-11-10T08:00:00+08:00',
  result: listing(results),
  ...more,
})
const psychiatry = (of: string): FhirResource => ({
  resourceType: 'Encounter',
  id: `${of}-visit`,
  status: 'finished',
  class: { code: 'AMB' },
  type: [{ text: '精神科门诊' }],
  subject: { reference: `Patient/${of}` },
})

for (const maker of stores) {
  describe.skipIf(maker.absent !== null)(`what is read follows what is true now, on ${maker.kind} (needs PostgreSQL)`, () => {
    let place: TestStore
    let gateway: Gateway
    let serial = 0
    beforeAll(async () => {
      place = await maker.make()
      gateway = await startGateway(place.store)
    })
    afterAll(async () => {
      await gateway.app.close()
      await place.drop()
    })

    /** A new person with an account; answers how to bring records in and what they can read, as titles with their lines. */
    async function someone() {
      serial += 1
      const name = `p${serial}`
      const phone = `+8616400001${String(serial).padStart(3, '0')}`
      await bringIn(gateway.deps, [person(name, '1985-06-15')])
      await giveAccount(gateway.deps, gateway.deps.keys.publicId('hospital', 'Patient', name), phone)
      const browser = await signIn(gateway, phone)
      const read = async () => {
        const list = await browser.get('/api/people/self/reports')
        const shown: string[] = []
        for (const { id, title } of list.json.items) {
          const detail = await browser.get(`/api/people/self/reports/${id}`)
          shown.push(`${title}: ${detail.json.items.map((line: { name: string }) => line.name).join(' ')}`)
          gateway.clock.advance(100)
        }
        gateway.clock.advance(2000)
        return shown.sort()
      }
      return { name, bring: (...resources: FhirResource[]) => bringIn(gateway.deps, resources), read }
    }

    test('[VW-3] [SE-5] a report never shows what belongs to another person, whatever it names', async () => {
      const [a, b] = [await someone(), await someone()]
      await b.bring(result(b.name, 'o', '血糖'))
      await a.bring(result(a.name, 'o', '钾'), report(a.name, 'r', '生化检查', [`${b.name}-o`, `${a.name}-o`]))
      expect(await a.read()).toEqual(['生化检查: 钾'])
      expect(await b.read()).toEqual(['血糖: 血糖'])
    })

    test('[VW-3] a result that moves into a sensitive visit leaves the group that it was read in', async () => {
      const a = await someone()
      await a.bring(result(a.name, 'o', '钾'))
      expect(await a.read()).toEqual(['钾: 钾'])
      await a.bring(psychiatry(a.name), result(a.name, 'o', '钾', { encounter: { reference: `Encounter/${a.name}-visit` } }))
      expect(await a.read()).toEqual([])
      await a.bring(result(a.name, 'o', '钾'))
      expect(await a.read()).toEqual(['钾: 钾'])
    })

    test('[VW-3] a result that becomes restricted with another time is gone from where it was', async () => {
      const a = await someone()
      await a.bring(result(a.name, 'o', '钠'))
      await a.bring(result(a.name, 'o', '钠', { effectiveDateTime: '2026-11-11T08:00:00+08:00', meta: restricted }))
      expect(await a.read()).toEqual([])
    })

    test('[VW-3] a panel that becomes another one leaves nothing of its old reading', async () => {
      const a = await someone()
      const panel = { ...result(a.name, 'p', '血常规'), hasMember: listing([`${a.name}-m`]) } as FhirResource
      delete panel.valueQuantity
      await a.bring(result(a.name, 'm', '白细胞计数'), panel)
      expect(await a.read()).toEqual(['血常规: 白细胞计数'])
      await a.bring({ ...result(a.name, 'p', 'HIV抗体检测'), valueQuantity: undefined, valueString: '阳性' } as FhirResource)
      expect(await a.read()).toEqual(['白细胞计数: 白细胞计数'])
    })

    test('[VW-3] a result that a report drops stands by itself again; one that is left in a sensitive panel alone is hidden', async () => {
      const a = await someone()
      await a.bring(
        result(a.name, 'x', '钾'),
        result(a.name, 'y', '钠'),
        report(a.name, 'r', '生化检查', [`${a.name}-x`, `${a.name}-y`]),
      )
      await a.bring(report(a.name, 'r', '生化检查', [`${a.name}-y`]))
      expect(await a.read()).toEqual(['生化检查: 钠', '钾: 钾'])
      await a.bring(report(a.name, 'hiv', 'HIV抗体检测', [`${a.name}-y`]))
      expect(await a.read(), 'what stands in an ordinary report stays').toEqual(['生化检查: 钠', '钾: 钾'])
      await a.bring(report(a.name, 'r', '生化检查', [`${a.name}-x`]))
      expect(await a.read()).toEqual(['生化检查: 钾'])
    })

    test('[VW-3] a result far below a panel of panels is gone from all of them when it becomes restricted', async () => {
      const a = await someone()
      const depth = 8
      const nested = Array.from({ length: depth }, (_, level): FhirResource => {
        const panel = {
          ...result(a.name, `n${level}`, '血常规'),
          hasMember: listing([`${a.name}-n${level + 1}`]),
        } as FhirResource
        delete panel.valueQuantity
        return panel
      })
      await a.bring(...nested, result(a.name, `n${depth}`, '白细胞计数'))
      expect((await a.read()).join()).toContain('白细胞计数')
      await a.bring(result(a.name, `n${depth}`, '白细胞计数', { meta: restricted }))
      expect((await a.read()).join()).not.toContain('白细胞计数')
    })

    test('[ID-1] an index entry does not turn into another person, not even by way of a bare one', async () => {
      const a = await someone()
      await a.bring({ resourceType: 'Patient', id: a.name, active: false })
      await expect(a.bring(person('another', '1970-01-01'), { ...person('x', '1970-01-01'), id: a.name })).rejects.toThrow(
        'identity-conflict',
      )
    })

    test('[VW-2] a prescription and the news of what its drug is, at the same moment, on every try', async () => {
      const a = await someone()
      const drug = (text: string): FhirResource => ({ resourceType: 'Medication', id: `${a.name}-drug`, code: { text } })
      const prescription = (id: string): FhirResource => ({
        resourceType: 'MedicationRequest',
        id: `${a.name}-${id}`,
        status: 'active',
        intent: 'order',
        medicationReference: { reference: `Medication/${a.name}-drug` },
        subject: { reference: `Patient/${a.name}` },
        authoredOn: '2026-11-10',
      })
      for (let round = 0; round < 6; round += 1) {
        await a.bring(drug('阿莫西林胶囊'))
        await Promise.all([a.bring(drug('恩替卡韦片')), a.bring(prescription(`r${round}`))])
        const { rows } = await sql<{ visible: number; hidden: number }>`
          select (select count(*) from record where id = ${idOf(`${a.name}-r${round}`)}) as visible,
            (select count(*) from record_in_person where id = ${idOf(`${a.name}-r${round}`)}) as hidden`.execute(
          place.store.owner,
        )
        expect(rows[0], `round ${round}`).toEqual({ visible: 0, hidden: 1 })
      }
    })

    const idOf = (id: string) => gateway.deps.keys.publicId('hospital', 'MedicationRequest', id)
  })
}

import { expect, test } from 'vitest'
import { destroyDataKey } from '../../server/platform/keys.ts'
import { windowStart } from '../../shared/policy/clocks.ts'
import { type Browser, bringIn, type Gateway, signIn, startGateway } from '../support/gateway.ts'
import { eventsOf } from './events.ts'
import { nextSecond, onBothStores, roomy, trulyRandom } from './on-both-stores.ts'
import { admit, newPerson, publicIdOf, reportId, reportOf } from './people.ts'

const after = (at: Date, ms: number): string => new Date(at.getTime() + ms).toISOString()

interface Listed {
  id: string
  title: string
  at: string
}

async function everyPage(browser: Browser, url: string): Promise<{ items: Listed[]; pages: number }> {
  const items: Listed[] = []
  let next: string | null = null
  let pages = 0
  do {
    const page = await browser.get(next === null ? url : `${url}?cursor=${next}`)
    expect(page.status, page.body).toBe(200)
    items.push(...page.json.items)
    next = page.json.next
    pages += 1
  } while (next !== null && pages < 50)
  return { items, pages }
}

onBothStores('viewing', {}, (place) => {
  const enter = async (gateway: Gateway, ...records: Parameters<typeof bringIn>[1]) => {
    const person = newPerson()
    const rewritten = records.map((one) => JSON.parse(JSON.stringify(one).replaceAll('Patient/nobody', `Patient/${person.id}`)))
    const phone = await admit(gateway, person, ...rewritten)
    await nextSecond(gateway)
    return { person, phone, browser: await signIn(gateway, phone) }
  }
  const nobody = { ...newPerson(), id: 'nobody' }

  /** In which zone, at which instant, and when its window must begin. */
  const windows: [zone: string, now: string, from: string][] = [
    ['Asia/Shanghai', '2026-05-31T15:59:59.000Z', '2026-02-27T16:00:00.000Z'],
    ['Asia/Shanghai', '2026-05-31T16:00:00.000Z', '2026-02-28T16:00:00.000Z'],
    ['Asia/Shanghai', '2028-05-30T02:00:00.000Z', '2028-02-28T16:00:00.000Z'],
    ['Asia/Shanghai', '2027-01-15T02:00:00.000Z', '2026-10-14T16:00:00.000Z'],
    ['America/New_York', '2026-06-08T12:00:00.000Z', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', '2027-02-01T12:00:00.000Z', '2026-11-01T04:00:00.000Z'],
    ['Europe/London', '2026-06-29T12:00:00.000Z', '2026-03-29T00:00:00.000Z'],
    ['Africa/Cairo', '2026-07-24T12:00:00.000Z', '2026-04-23T22:00:00.000Z'],
  ]
  for (const [index, [zone, now, from]] of windows.entries()) {
    test(`[VW-1] the window in ${zone} on ${now} begins at ${from}, to the millisecond, in lists and in details`, async () => {
      const gateway = await startGateway(place.test.store, {
        // Signing in takes a second.
        now: new Date(new Date(now).getTime() - 1000),
        change: (deps) => {
          const wide = trulyRandom(roomy(deps))
          return { ...wide, profile: { ...wide.profile, zone } }
        },
      })
      expect(windowStart(zone, new Date(now), 3).toISOString()).toBe(from)
      const start = new Date(from)
      const key = `window-${index}`
      const { browser } = await enter(
        gateway,
        ...reportOf(nobody, `${key}-b`, after(start, -1), '肝功能'),
        ...reportOf(nobody, `${key}-a`, from, '尿常规'),
        ...reportOf(nobody, `${key}-n`, now, '肾功能'),
        ...reportOf(nobody, `${key}-f`, after(new Date(now), 60_000), '凝血功能'),
      )
      const { json } = await browser.get('/api/people/self/reports')
      expect(json.window.from).toBe(from)
      expect(json.items.map(({ title }: Listed) => title)).toEqual(['肾功能', '尿常规'])
      const read = async (suffix: string) => {
        const answer = await browser.get(`/api/people/self/reports/${reportId(gateway.deps, `${key}-${suffix}`)}`)
        return answer.status
      }
      expect([await read('b'), await read('a'), await read('n'), await read('f')]).toEqual([404, 200, 200, 404])
      const detail = await browser.get(`/api/people/self/reports/${reportId(gateway.deps, `${key}-a`)}`)
      const trend = detail.json.items[0].trend.map((point: { at: string }) => point.at)
      expect(trend, 'points outside the window are not in the trend').toEqual([from, new Date(now).toISOString()])
      // A future result is there when its time comes.
      gateway.clock.set(new Date(new Date(now).getTime() + 60_000))
      expect(await read('f')).toBe(200)
      await gateway.app.close()
    })
  }

  test('[VW-1] a list over many ties at one instant is complete, without repeats, and stays so while time passes', async () => {
    const { gateway } = place
    const instant = '2026-11-10T03:00:00.000Z'
    const records = Array.from({ length: 65 }, (_, index) =>
      reportOf(nobody, `tie-${place.kind}-${index}`, index < 50 ? instant : after(new Date(instant), (index - 50) * 1000)),
    ).flat()
    const { browser } = await enter(gateway, ...records)
    const { items, pages } = await everyPage(browser, '/api/people/self/reports')
    expect(pages).toBe(4)
    expect(new Set(items.map(({ id }) => id)).size).toBe(65)
    expect(items.map(({ at }) => at)).toEqual(
      items
        .map(({ at }) => at)
        .sort()
        .reverse(),
    )
    const first = await browser.get('/api/people/self/reports')
    gateway.clock.advance(60_000)
    const again = await browser.get(`/api/people/self/reports?cursor=${first.json.next}`)
    expect(again.json.items.map(({ id }: Listed) => id)).toEqual(items.slice(20, 40).map(({ id }) => id))
  })

  test('[VW-6] identifiers are masked; each reveal is an act of its own on record, and gives that one only', async () => {
    const { gateway } = place
    const { person, browser } = await enter(gateway)
    const masked = await browser.get('/api/people/self/identity')
    expect(masked.json.fields).toEqual([
      { field: 'name', masked: `${person.name[0]}**${person.name.at(-1)}` },
      { field: 'phone', masked: `${person.phone.slice(0, 3)}****${person.phone.slice(-4)}` },
      { field: 'identityNumber', masked: `440***********${person.identityNumber.slice(-4)}` },
      { field: 'medicalRecordNumber', masked: '770**0077' },
    ])
    for (const secret of [person.name, person.phone, person.identityNumber]) expect(masked.body).not.toContain(secret)
    const revealed: Record<string, string> = {
      name: person.name,
      phone: `+86${person.phone}`,
      identityNumber: person.identityNumber,
      medicalRecordNumber: '770150077',
    }
    for (const [field, value] of Object.entries(revealed)) {
      const events = await eventsOf(gateway.deps, async () => {
        const { json } = await browser.post('/api/people/self/identity/reveal', { field })
        expect(json.field).toBe(field)
        if (field !== 'medicalRecordNumber') expect(json.value).toBe(value)
        expect(Object.keys(json).sort()).toEqual(['field', 'value'])
      })
      expect(events).toMatchObject([{ operation: 'identifier-revealed', detail: field }])
    }
    const session = await browser.get('/api/session')
    expect(session.json.person.name).toBe(`${person.name[0]}**${person.name.at(-1)}`)
    expect(session.body).not.toContain(person.name)
  })

  test('[VW-7] every record that is shown has its category and level', async () => {
    const { gateway } = place
    const drug = {
      resourceType: 'MedicationRequest',
      id: `level-drug-${place.kind}`,
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: { text: '阿莫西林胶囊' },
      subject: { reference: 'Patient/nobody' },
      authoredOn: '2026-11-18T01:00:00Z',
    }
    const { browser } = await enter(gateway, ...reportOf(nobody, `level-${place.kind}`, '2026-11-18T01:00:00Z'), drug)
    const detail = await browser.get(`/api/people/self/reports/${reportId(gateway.deps, `level-${place.kind}`)}`)
    expect(detail.json).toMatchObject({ category: 'medical-application', level: 3 })
    const medications = await browser.get('/api/people/self/medications')
    expect(medications.json.items).toMatchObject([{ name: '阿莫西林胶囊', category: 'medical-application', level: 3 }])
    expect((await browser.get('/api/people/self/identity')).json).toMatchObject({ category: 'personal-attributes', level: 3 })
  })

  test('[AU-2] the log shows own acts with place and device, titles only while they can be read, and none of others', async () => {
    const { gateway } = place
    const key = `log-${place.kind}`
    const { person, browser } = await enter(gateway, ...reportOf(nobody, key, '2026-09-01T01:00:00Z', '肝功能'))
    const other = await enter(gateway)
    await browser.get(`/api/people/self/reports/${reportId(gateway.deps, key)}`)
    await other.browser.get('/api/people/self/reports')
    await nextSecond(gateway)
    const log = await browser.get('/api/people/self/access-log')
    const acts = log.json.items.map(({ act }: { act: string }) => act)
    expect(acts).toContain('signed-in')
    expect(acts.filter((act: string) => act === 'report-read')).toHaveLength(1)
    const read = log.json.items.find(({ act }: { act: string }) => act === 'report-read')
    expect(read).toMatchObject({
      who: 'self',
      purpose: 'own-use',
      questionedAt: null,
      own: { address: '127.0.0.1', title: '肝功能', thisSession: true },
    })
    await gateway.audit.write({
      operation: 'report-read',
      outcome: 'done',
      subject: publicIdOf(gateway.deps, person),
      actor: 'staff:7',
      purpose: 'treatment',
      address: '10.8.0.7',
      device: 'ward terminal',
      session: null,
      about: reportId(gateway.deps, key),
    })
    const staff = (await browser.get('/api/people/self/access-log')).json.items.find(
      ({ who }: { who: string }) => who === 'staff',
    )
    expect(staff).toMatchObject({ purpose: 'treatment', own: null })
    expect(JSON.stringify(staff)).not.toMatch(/10\.8|ward|肝|staff:7/)

    const ask = (text?: string) => browser.post(`/api/people/self/access-log/${staff.id}/question`, { text })
    const first = await ask('这不是我同意的')
    await nextSecond(gateway)
    const second = await ask('再问一次')
    expect(second.body).toBe(first.body)
    const racing = await Promise.all(
      Array.from({ length: 10 }, () => browser.post(`/api/people/self/access-log/${read.id}/question`)),
    )
    expect(new Set(racing.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    const asked = await gateway.deps.store.owner
      .selectFrom('question')
      .select('event_id')
      .where('event_id', 'in', [staff.id, read.id])
      .execute()
    expect(asked).toHaveLength(2)
    const foreign = await other.browser.post(`/api/people/self/access-log/${read.id}/question`)
    expect(foreign.json.code).toBe('not-found')
    expect(
      (await other.browser.post(`/api/people/${publicIdOf(gateway.deps, person)}/access-log/${read.id}/question`)).status,
    ).toBe(404)

    // Hidden from now on: the result is told in person only, and the title goes from the log with it.
    const hidden = reportOf(person, key, '2026-09-01T01:00:00Z', '艾滋病病毒抗体检测')
    await bringIn(gateway.deps, hidden.slice(1))
    const later = (await browser.get('/api/people/self/access-log')).json.items.find(({ id }: { id: string }) => id === read.id)
    expect(later.own.title).toBeNull()
  })

  test('[AU-2] [VW-1] a title leaves the log when its report leaves the window; a destroyed key takes the words of that month', async () => {
    const { gateway } = place
    const now = gateway.clock.now()
    const start = windowStart('Asia/Shanghai', now, 3)
    const key = `leaving-${place.kind}`
    const { person, phone, browser } = await enter(gateway, ...reportOf(nobody, key, after(start, 3_600_000), '甲状腺功能'))
    await browser.get(`/api/people/self/reports/${reportId(gateway.deps, key)}`)
    expect((await browser.get('/api/people/self/access-log')).body).toContain('甲状腺功能')
    gateway.clock.advance(24 * 3_600_000)
    const next = await signIn(gateway, phone)
    const log = await next.get('/api/people/self/access-log')
    expect(log.body).not.toContain('甲状腺功能')
    expect(log.body).toContain('report-read')
    const id = publicIdOf(gateway.deps, person)
    gateway.clock.advance(31 * 24 * 3_600_000)
    const month = `audit-${now.toISOString().slice(0, 7)}` as const
    await gateway.deps.store.owner.transaction().execute((tx) => destroyDataKey(tx, gateway.clock.now(), id, month))
    const last = await signIn(gateway, phone)
    const left = await last.get('/api/people/self/access-log')
    expect(left.status).toBe(200)
    expect(left.body).not.toContain('report-read')
  })
})

import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { makeDeskCode } from '../../server/identity/desk.ts'
import { readOutbox } from '../../server/platform/messages.ts'
import { Browser, bringIn, codeFor, signIn } from '../support/gateway.ts'
import { nextSecond, onBothStores } from './on-both-stores.ts'
import { admit, newPerson, publicIdOf, reportOf } from './people.ts'

/** Every way in which a word could stand in a dump. */
const spellings = (word: string): Buffer[] => {
  const bytes = Buffer.from(word, 'utf8')
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return encoded.slice(shift === 0 ? 0 : shift + 1, -1)
  })
  return [
    bytes,
    Buffer.from(word, 'utf16le'),
    Buffer.from(word, 'utf16le').swap16(),
    Buffer.from(bytes.toString('hex')),
    Buffer.from(bytes.toString('hex').toUpperCase()),
    Buffer.from(JSON.stringify(word).slice(1, -1)),
    ...base64.map((text) => Buffer.from(text)),
    ...base64.map((text) => Buffer.from(text.replaceAll('+', '-').replaceAll('/', '_'))),
  ]
}

onBothStores('at rest', {}, (place) => {
  test('[SE-2] [AU-6] a dump of all tables holds no name, number, title, text, code or label in any spelling', async () => {
    const { gateway } = place
    const { deps } = gateway
    const person = newPerson({ name: '慕容映雪' })
    const phone = await admit(gateway, person, ...reportOf(person, 'dump-1', '2026-11-18T01:00:00Z', '生化全套检查'))
    await bringIn(deps, [
      {
        resourceType: 'DiagnosticReport',
        id: 'dump-hidden',
        status: 'final',
        code: { text: '艾滋病病毒抗体检测' },
        subject: { reference: `Patient/${person.id}` },
        effectiveDateTime: '2026-11-17T01:00:00Z',
        conclusion: '人类免疫缺陷病毒抗体阳性',
      },
      {
        resourceType: 'MedicationRequest',
        id: 'dump-drug',
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: { text: '阿莫西林胶囊' },
        subject: { reference: `Patient/${person.id}` },
        authoredOn: '2026-11-18T01:00:00Z',
        dosageInstruction: [{ text: '一次两粒一日三次' }],
      },
    ])
    const browser = await signIn(gateway, phone)
    const words = [
      person.name,
      person.phone,
      phone,
      person.identityNumber,
      person.birthDate,
      '生化全套检查',
      '血红蛋白',
      '718-7',
      '艾滋病病毒抗体检测',
      '人类免疫缺陷病毒',
      'because',
      'HIV',
      '阿莫西林胶囊',
      '一次两粒一日三次',
      'dump-hidden',
      'person-',
      '我不认识这一条',
      '127.0.0.1',
      '慕容登记',
      '203.0.113.9',
    ]
    expect((await browser.get('/api/people/self/reports')).body, 'the words are there when asked for').toContain('生化全套检查')
    await browser.get('/api/people/self/medications')
    await browser.post('/api/people/self/identity/reveal', { field: 'identityNumber' })
    const log = await browser.get('/api/people/self/access-log')
    await browser.post(`/api/people/self/access-log/${log.json.items[0].id}/question`, { text: '我不认识这一条' })
    const deskCode = await deps.store.owner
      .transaction()
      .execute((tx) => makeDeskCode(tx, deps, publicIdOf(deps, person), 'desk'))
    await nextSecond(gateway)
    const registering = new Browser(gateway.app)
    await registering.send('POST', '/api/registration/code', { phone: '16455512399' }, { remoteAddress: '203.0.113.9' })
    const code = await codeFor(gateway, '+8616455512399')
    await gateway.jobs.stop()
    const registration = { phone: '16455512399', code, name: '慕容登记', identityNumber: '440106197001010013', deskCode }
    expect((await registering.post('/api/registration', { ...registration, password: 'Banyan/Tide.5170' })).status).toBe(202)
    const secrets = [...browser.cookies.values(), ...registering.cookies.values()]
    words.push('16455512399', '440106197001010013', deskCode, deskCode.replace('-', ''), 'Banyan/Tide.5170', ...secrets)
    words.push(...(await readOutbox(deps, 50)).map(({ text }) => text))
    // Six digits may stand in a million places by chance; the code's own column is looked at instead.
    const codes = await deps.store.owner.selectFrom('one_time_code').select('code_hash').execute()
    for (const { code_hash } of codes) expect(code_hash?.length).toBe(32)

    const tables = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(
      deps.store.owner,
    )
    expect(tables.rows.length).toBeGreaterThan(15)
    const dump: Buffer[] = []
    for (const { name } of tables.rows) {
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(deps.store.owner)
      for (const row of rows) {
        for (const value of Object.values(row)) {
          if (Buffer.isBuffer(value)) dump.push(value)
          else if (value instanceof Date) continue
          else if (value !== null) dump.push(Buffer.from(String(value)))
        }
      }
    }
    const all = Buffer.concat(dump.flatMap((value) => [value, Buffer.from('\n')]))
    expect(all.length).toBeGreaterThan(5000)
    const known = Buffer.concat([all, Buffer.from('|慕容映雪|')])
    expect(known.includes(spellings('慕容映雪')[0] as Buffer), 'the search itself finds').toBe(true)
    const found = words.filter((word) => spellings(word).some((spelling) => spelling.length >= 3 && all.includes(spelling)))
    expect(found).toEqual([])
  })
})

import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { onBothStores } from './on-both-stores.ts'
import { admit, newPerson, reportOf } from './people.ts'

const who = async (db: Parameters<ReturnType<typeof sql>['execute']>[0]): Promise<string> =>
  (await sql<{ current_user: string }>`select current_user`.execute(db)).rows[0]?.current_user ?? ''

onBothStores('roles of the store', {}, (place) => {
  test('[VW-2] the role of the patient routes has no right on records, look-ups, waiting work and messages', async () => {
    const { store } = place.test
    const person = newPerson()
    await admit(place.gateway, person, ...reportOf(person, 'roles-1', '2026-11-18T01:00:00Z'))
    const refused = [
      'record_in_person',
      'record',
      'record_reference',
      'patient_lookup',
      'job',
      'outbox',
      'desk_code',
      'migration',
    ]
    for (const table of refused) {
      const reading = sql`select * from ${sql.table(table)}`.execute(store.patient)
      await expect(reading, table).rejects.toMatchObject({ code: '42501' })
    }
    for (const statement of [
      'update account set password_hash = password_hash',
      'insert into account select * from account',
      'delete from account',
      'update session set account_id = account_id',
      "update session set state = 'signed-in'",
      'update reading set patient_id = patient_id',
      'update data_key set wrapped = wrapped',
      'delete from data_key',
      'update patient set identity = identity',
      'delete from limit_window',
      'delete from question',
      'delete from one_time_code',
      'truncate session',
      'alter table session add column x text',
      'create table stolen as select 1 as x',
      "copy (select 1) to program 'true'",
    ]) {
      await expect(sql.raw(statement).execute(store.patient), statement).rejects.toMatchObject({ code: '42501' })
    }
    const throughView = store.patient.transaction().execute(async (tx) => {
      await sql`create temp view peek as select * from record_in_person`.execute(tx)
      await sql`select * from peek`.execute(tx)
    })
    await expect(throughView).rejects.toMatchObject({ code: '42501' })
  })

  test('[VW-2] a statement with values is one statement: no second one can be smuggled behind it', async () => {
    // `reset role` itself is every session's right; what keeps it out of reach is that all input travels as values.
    const { store } = place.test
    const smuggled = "x'; reset role; select * from record_in_person; --"
    const { rows } = await sql`select ${smuggled}::text as said`.execute(store.patient)
    expect(rows).toEqual([{ said: smuggled }])
    const two = sql`select ${1}::int; reset role`
    await expect(two.execute(store.patient)).rejects.toMatchObject({ code: '42601' })
    expect(await who(store.patient)).toBe('zhiqing_patient')
  })

  test('[VW-2] a connection never keeps the role of whoever had it before, failed transactions included', async () => {
    const { store } = place.test
    const owner = await who(store.owner)
    expect(owner).not.toBe('zhiqing_patient')
    for (let round = 0; round < 3; round += 1) {
      expect(await who(store.patient)).toBe('zhiqing_patient')
      expect(await who(store.owner)).toBe(owner)
      const failing = store.patient.transaction().execute((tx) => sql`select * from record`.execute(tx))
      await expect(failing).rejects.toMatchObject({ code: '42501' })
      expect(await who(store.owner)).toBe(owner)
      expect((await sql`select 1 from record`.execute(store.owner)).rows.length).toBeGreaterThanOrEqual(0)
      const spoilt = store.owner.transaction().execute((tx) => sql`select 1 / 0`.execute(tx))
      await expect(spoilt).rejects.toMatchObject({ code: '22012' })
      expect(await who(store.patient)).toBe('zhiqing_patient')
      await expect(sql`select * from record_in_person`.execute(store.patient)).rejects.toMatchObject({ code: '42501' })
    }
    const mixed = await Promise.all(Array.from({ length: 60 }, (_, index) => who(index % 2 ? store.patient : store.owner)))
    expect(mixed).toEqual(mixed.map((_, index) => (index % 2 ? 'zhiqing_patient' : owner)))
  })

  test('[AU-1] [AU-3] events can be added, never changed, removed or emptied, by either role', async () => {
    const { store } = place.test
    await admit(place.gateway, newPerson())
    const before = await store.owner.selectFrom('audit_event').selectAll().orderBy('seq').execute()
    expect(before.length).toBeGreaterThan(0)
    for (const db of [store.patient, store.owner]) {
      for (const statement of [
        "update audit_event set outcome = 'done'",
        'update audit_event set body = body',
        'delete from audit_event',
        'truncate audit_event',
        'truncate audit_event cascade',
      ]) {
        // 0A000: questions refer to events, which alone keeps them from being emptied.
        await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({
          code: expect.stringMatching(/^(42501|0A000)$/),
        })
      }
    }
    expect(await store.owner.selectFrom('audit_event').selectAll().orderBy('seq').execute()).toEqual(before)
  })
})

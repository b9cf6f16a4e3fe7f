import { createHash, createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { onBothStores } from '../../tests/hostile/on-both-stores.ts'
import { seededRandom } from '../../tests/support/gateway.ts'
import { stores } from '../../tests/support/stores.ts'
import { dataKey, destroyDataKey, KeyDestroyed, Keys, openKeys } from './keys.ts'
import { SealBroken, seal, unsealText } from './seal.ts'

const system = (seed: string) => {
  const bytes = (name: string) =>
    createHash('sha256')
      .update(seed + name)
      .digest()
  return { id: bytes('id'), lookup: bytes('lookup'), session: bytes('session'), cursor: bytes('cursor'), code: bytes('code') }
}
const master = createHmac('sha256', 'master').update('test').digest()

test('[VW-3] the same keys give the same ids, whatever the store; another key or another part gives others', () => {
  const [one, twin, other] = [
    new Keys(master, system('a')),
    new Keys(randomBytes(32), system('a')),
    new Keys(master, system('b')),
  ]
  expect(one.publicId('hospital', 'Patient', '1')).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(twin.publicId('hospital', 'Patient', '1')).toBe(one.publicId('hospital', 'Patient', '1'))
  const others = [
    other.publicId('hospital', 'Patient', '1'),
    one.publicId('hospital', 'Patient1', ''),
    one.publicId('hospital', 'Patien', 't1'),
    one.publicId('hospitalPatient1'),
    one.publicId('hospital', 'Patient', '2'),
  ]
  expect(new Set([one.publicId('hospital', 'Patient', '1'), ...others]).size).toBe(6)
})

test('[ID-10] look-ups, codes and sessions are hashed under keys of their own', () => {
  const keys = new Keys(master, system('a'))
  const hashes = [keys.lookup('x'), keys.sessionHash('x'), keys.codeHash('x')].map((hash) => hash.toString('hex'))
  expect(new Set(hashes).size).toBe(3)
  expect(hashes.every((hash) => hash.length === 64)).toBe(true)
})

test('[VW-3] cursors are the same for the same position, and open at their own list alone', () => {
  const keys = new Keys(master, system('a'))
  const cursor = keys.sealCursor('1 a', 'reports|p')
  expect(keys.sealCursor('1 a', 'reports|p')).toBe(cursor)
  expect(keys.sealCursor('1 b', 'reports|p')).not.toBe(cursor)
  expect(keys.openCursor(cursor, 'reports|p')).toBe('1 a')
  for (const place of ['medications|p', 'reports|q']) expect(() => keys.openCursor(cursor, place)).toThrow(SealBroken)
  expect(() => new Keys(master, system('b')).openCursor(cursor, 'reports|p')).toThrow(SealBroken)
  for (const text of ['', '!', 'AAAA', cursor.slice(1), `${cursor}A`])
    expect(() => keys.openCursor(text, 'reports|p')).toThrow(SealBroken)
})

test('[SE-2] a wrapped key opens for its owner and class alone, also once it has been opened', () => {
  const keys = new Keys(master, system('a'))
  const wrapped = keys.wrap(randomBytes(32), 'lin', 'clinical', randomBytes(12))
  keys.unwrap(wrapped, 'lin', 'clinical')
  for (const [owner, retention] of [
    ['zhou', 'clinical'],
    ['lin', 'account'],
  ] as const) {
    expect(() => keys.unwrap(wrapped, owner, retention)).toThrow(SealBroken)
  }
  expect(() => new Keys(randomBytes(32), system('a')).unwrap(wrapped, 'lin', 'clinical')).toThrow(SealBroken)
})

onBothStores('keys', {}, (place) => {
  test("[SE-2] a master key that is not the store's is refused, and so is one of another length", async () => {
    const { owner } = place.test.store
    await expect(openKeys(owner, randomBytes(32), seededRandom('x'))).rejects.toThrow(/not the one this store was made with/)
    await expect(openKeys(owner, randomBytes(16), seededRandom('x'))).rejects.toThrow(/32 bytes/)
    const again = await openKeys(owner, master, seededRandom('y'))
    expect(again.publicId('a')).toBe(place.gateway.deps.keys.publicId('a'))
    await owner
      .transaction()
      .execute(async (tx) => {
        await tx.deleteFrom('system_key').where('name', '=', 'cursor').execute()
        await tx
          .insertInto('system_key')
          .values({ name: 'cursor', wrapped: randomBytes(61) })
          .execute()
        await expect(openKeys(tx, master, seededRandom('z'))).rejects.toThrow(/not the one this store was made with/)
        throw new Error('rolled back')
      })
      .catch((error: Error) => expect(error.message).toBe('rolled back'))
  })

  test('[SE-2] one data key per owner and class, however many ask at once', async () => {
    const { deps } = place.gateway
    const { store } = place.test
    const keys = await Promise.all(Array.from({ length: 30 }, () => dataKey(store.patient, deps, 'many', 'clinical')))
    expect(new Set(keys.map((key) => key.export().toString('hex'))).size).toBe(1)
    const account = await dataKey(store.owner, deps, 'many', 'account')
    expect(account.export()).not.toEqual(keys[0]?.export())
    const rows = await store.owner.selectFrom('data_key').select('class').where('owner', '=', 'many').execute()
    expect(rows).toHaveLength(2)
  })

  test('[SE-2] [RQ-5] a destroyed key never opens or comes back, and what it sealed is unreadable', async () => {
    const { deps } = place.gateway
    const { store } = place.test
    const key = await dataKey(store.owner, deps, 'gone', 'clinical')
    const sealed = seal(key, '记录', 'x', randomBytes(12))
    const before = await store.owner
      .selectFrom('data_key')
      .select('wrapped')
      .where('owner', '=', 'gone')
      .executeTakeFirstOrThrow()
    await store.owner.transaction().execute((tx) => destroyDataKey(tx, deps.now(), 'gone', 'clinical'))
    await expect(dataKey(store.owner, deps, 'gone', 'clinical')).rejects.toThrow(KeyDestroyed)
    await expect(dataKey(store.patient, deps, 'gone', 'clinical')).rejects.toThrow(KeyDestroyed)
    const after = await store.owner.selectFrom('data_key').selectAll().where('owner', '=', 'gone').executeTakeFirstOrThrow()
    expect(after.wrapped).toBeNull()
    expect(after.destroyed_at).toEqual(deps.now())
    expect(unsealText(deps.keys.unwrap(before.wrapped as Buffer, 'gone', 'clinical'), sealed, 'x'), 'a copy kept elsewhere').toBe(
      '记录',
    )
  })
})

test('both kinds of store are known to the tests', () => {
  expect(stores.map(({ kind }) => kind)).toEqual(['embedded', 'postgres'])
})

import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SealBroken, seal, unseal, unsealText } from './seal.ts'

const key = createSecretKey(randomBytes(32))
const nonce = () => randomBytes(12)

describe('sealing', () => {
  test('[SE-2] what was sealed opens with its key at its place, empty text included', () => {
    for (const text of ['', '血红蛋白', 'x'.repeat(100_000)]) {
      expect(unsealText(key, seal(key, text, 'record|body|1', nonce()), 'record|body|1')).toBe(text)
    }
    const bytes = randomBytes(1000)
    expect(unseal(key, seal(key, bytes, 'a', nonce()), 'a')).toEqual(bytes)
  })

  test('[SE-2] [SE-5] any changed, added or missing byte, another place or another key is refused', () => {
    const sealed = seal(key, '血红蛋白 131', 'record|body|1', nonce())
    const refused = (bytes: Buffer, place = 'record|body|1', with_ = key) =>
      expect(() => unseal(with_, bytes, place)).toThrow(SealBroken)
    for (let at = 0; at < sealed.length; at += 1) {
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(sealed)
        changed[at] = (changed[at] as number) ^ bit
        refused(changed)
      }
      refused(sealed.subarray(0, at))
    }
    refused(Buffer.concat([sealed, Buffer.of(0)]))
    for (const place of ['record|body|2', 'record|label|1', 'record|body|', '']) refused(sealed, place)
    refused(sealed, 'record|body|1', createSecretKey(randomBytes(32)))
  })

  test('[SE-5] random bytes are refused, never another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => unseal(key, Buffer.from(bytes), 'x')).toThrow(SealBroken)
      }),
    )
  })
})

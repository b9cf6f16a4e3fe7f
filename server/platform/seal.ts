import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

const version = 1
const nonceBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM: version (1) | nonce (12) | tag (16) | ciphertext. `place` (table, column, row) is authenticated, so that
 * ciphertext moved to another row or column does not open. `nonce` is 12 fresh random bytes, or derived from the text.
 */
export function seal(key: KeyObject, text: string | Uint8Array, place: string, nonce: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
  const body = typeof text === 'string' ? cipher.update(text, 'utf8') : cipher.update(text)
  cipher.final()
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), body])
}

export class SealBroken extends Error {}

/** Throws SealBroken for anything but the bytes sealed with this key for this place. */
export function unseal(key: KeyObject, sealed: Buffer, place: string): Buffer {
  if (sealed.length < 1 + nonceBytes + tagBytes || sealed[0] !== version) throw new SealBroken('not a sealed value')
  const tagAt = 1 + nonceBytes
  const bodyAt = tagAt + tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, tagAt)).setAAD(Buffer.from(place))
  decipher.setAuthTag(sealed.subarray(tagAt, bodyAt))
  const text = decipher.update(sealed.subarray(bodyAt))
  try {
    decipher.final()
  } catch {
    throw new SealBroken('the sealed value was changed or moved')
  }
  return text
}

export const unsealText = (key: KeyObject, sealed: Buffer, place: string): string => unseal(key, sealed, place).toString('utf8')

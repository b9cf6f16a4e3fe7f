import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type Figure, perCpuSecond } from './harness.ts'

const cardBytes = 300

/** What one CPU can open: every card of a list is decrypted on its way out, so this bounds the reads per second. */
export default async function crypto(): Promise<Figure[]> {
  const key = randomBytes(32)
  const bound = randomBytes(24)
  const card = randomBytes(cardBytes)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound)
  const sealed = Buffer.concat([nonce, cipher.update(card), cipher.final(), cipher.getAuthTag()])

  const open = () => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(bound).setAuthTag(sealed.subarray(-16))
    const text = decipher.update(sealed.subarray(12, -16))
    decipher.final()
    return text
  }
  if (!open().equals(card)) throw new Error('decrypts to something else')

  const opened = perCpuSecond(open)
  const copied = perCpuSecond(() => Buffer.from(sealed.subarray(12, -16)))
  return [
    {
      name: 'AES-256-GCM decryption of a 300-byte card',
      unit: 'cards per CPU second',
      value: opened,
      goal: { atLeast: 100_000 },
      reference: { name: 'copy of the same bytes', value: copied },
    },
  ]
}

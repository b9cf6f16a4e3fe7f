import { createHash } from 'node:crypto'

const digest = (purpose: string) => createHash('sha256').update(purpose).digest()

/**
 * A number in [0, 1) that depends on the purpose alone. There is no stream: what one record draws can never shift what
 * another gets, so twins stay alike whatever is added between them.
 */
export const fraction = (purpose: string): number => digest(purpose).readUIntBE(0, 6) / 2 ** 48

export const whole = (purpose: string, least: number, most: number): number =>
  least + Math.floor(fraction(purpose) * (most - least + 1))

export function pick<T>(purpose: string, choices: readonly T[]): T {
  const choice = choices[whole(purpose, 0, choices.length - 1)]
  if (choice === undefined) throw new Error(`nothing to pick for ${purpose}`)
  return choice
}

/** Near 0, seldom beyond 1 either way. */
export const wobble = (purpose: string): number =>
  (fraction(`${purpose}/1`) + fraction(`${purpose}/2`) + fraction(`${purpose}/3`) - 1.5) / 1.5

/** A version 8 UUID (RFC 9562: own scheme) of the purpose. */
export function idOf(purpose: string): string {
  const hex = digest(purpose).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import common from '@zxcvbn-ts/language-common'
import type { Profile } from '../../shared/policy/profile.ts'

const derive = promisify(argon2) as (algorithm: string, parameters: object) => Promise<Buffer>

/** OWASP: argon2id, 19 MiB, 2 passes, 1 lane. */
const cost = { parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 }

const argon = (password: string, nonce: Buffer, { memory, passes, parallelism }: Omit<typeof cost, 'tagLength'>) =>
  derive('argon2id', {
    message: Buffer.from(password.normalize('NFKC')),
    nonce,
    parallelism,
    tagLength: cost.tagLength,
    memory,
    passes,
  })

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

/** PHC string of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await argon(password, salt, cost)
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(hash)}`
}

/** The hash of no password: verifying against it takes as long as against any other. */
const nobody = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(Buffer.alloc(16))}$${base64(Buffer.alloc(32))}`

/** False for a wrong password and, in the same time, for an unknown account (null). */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored ?? nobody)
  if (!form) throw new Error('a stored password hash has an unknown form')
  const [memory, passes, parallelism] = [Number(form[1]), Number(form[2]), Number(form[3])]
  const hash = await argon(password, Buffer.from(form[4] as string, 'base64'), { memory, passes, parallelism })
  return timingSafeEqual(hash, Buffer.from(form[5] as string, 'base64')) && stored !== null
}

export type PasswordReason = 'too-short' | 'no-upper' | 'no-lower' | 'no-digit' | 'no-symbol' | 'common' | 'personal'

/** Compared lower-cased and without trailing digits and symbols: no common list holds strings that pass the rules as they are. */
const bare = (password: string): string => password.toLowerCase().replace(/[\d\p{P}\p{S}\s]+$/u, '')

const fromPackage = (common.dictionary as Record<string, string[]>)['passwords-common'] ?? []
const commonBare = new Set(
  [...fromPackage.map(bare), 'zhiqing', 'woaini', 'mima', 'hospital', 'yiyuan'].filter((word) => word.length >= 4),
)
const commonWhole = new Set(fromPackage)

/** Reads an operator's list of breached passwords, one a line. */
export function addBreachedPasswords(lines: Iterable<string>): void {
  for (const line of lines) if (line !== '') commonWhole.add(line.toLowerCase())
}

/** Why this password is refused (ID-2); empty when it is good. `personal` are the person's name and numbers. */
export function judgePassword(password: string, personal: string[], profile: Profile): PasswordReason[] {
  const reasons: PasswordReason[] = []
  if ([...password].length < (profile.password.minimumLength as number)) reasons.push('too-short')
  if (!/\p{Lu}/u.test(password)) reasons.push('no-upper')
  if (!/\p{Ll}/u.test(password)) reasons.push('no-lower')
  if (!/\p{Nd}/u.test(password)) reasons.push('no-digit')
  if (!/[^\p{L}\p{N}\s]/u.test(password)) reasons.push('no-symbol')
  const lower = password.toLowerCase()
  if (commonWhole.has(lower) || commonBare.has(bare(password))) reasons.push('common')
  if (personal.some((part) => part.length >= 4 && lower.includes(part.toLowerCase()))) reasons.push('personal')
  return reasons
}

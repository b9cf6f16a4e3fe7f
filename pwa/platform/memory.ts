/**
 * What the gateway answered, for going back to a list without asking (and logging) again. Only in this page's memory,
 * for two minutes, and gone with the session. The epoch says which person's time it is: what was asked in an earlier one
 * is nobody's answer any more.
 */
const lifetime = 120_000
let count = 0
const answers = new Map<string, { at: number; value: unknown }>()

export function recall<T>(key: string): T | undefined {
  const answer = answers.get(key)
  return answer && Date.now() - answer.at < lifetime ? (answer.value as T) : undefined
}

export const keep = (key: string, value: unknown): void => void answers.set(key, { at: Date.now(), value })
export const epoch = (): number => count

export function forgetAll(): void {
  count += 1
  answers.clear()
}

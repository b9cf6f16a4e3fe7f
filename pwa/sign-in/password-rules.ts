/** What can be seen of a password while it is typed (ID-2); whether it is well known only the gateway can tell. */
export const passwordRules = {
  length: (text: string, least: number) => [...text].length >= least,
  upper: (text: string) => /\p{Lu}/u.test(text),
  lower: (text: string) => /\p{Ll}/u.test(text),
  digit: (text: string) => /\p{Nd}/u.test(text),
  symbol: (text: string) => /[^\p{L}\p{N}\s]/u.test(text),
} as const

export type PasswordRule = keyof typeof passwordRules
export const ruleNames = Object.keys(passwordRules) as PasswordRule[]

export const unmetRules = (text: string, least: number): PasswordRule[] =>
  ruleNames.filter((rule) => !passwordRules[rule](text, least))

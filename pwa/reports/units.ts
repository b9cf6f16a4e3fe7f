import type { ReportCard } from '../../shared/contract/reports.ts'

type Value = NonNullable<ReportCard['only']>['value']

const superscript = (digits: string) => digits.replace(/[-\d]/g, (one) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(one)] ?? one)
const whole: Record<string, string> = { Cel: '°C', 'mm[Hg]': 'mmHg', '[in_i]': 'in', '[lb_av]': 'lb', '1': '' }

/** Units as laboratories print them, from UCUM codes: `10*9/L` is ×10⁹/L, `{score}` says nothing, `umol` is µmol. */
export function writeUnit(unit: string | null): string {
  if (!unit) return ''
  const known = whole[unit]
  if (known !== undefined) return known
  return unit
    .replace(/\/?\{[^}]*\}/g, '')
    .replace(/10[*^](-?\d+)/g, (_, power: string) => `×10${superscript(power)}`)
    .replace(/(^|\/)u(?=[A-Za-z])/g, '$1µ')
    .replace(/\[(?:iU|IU)\]/g, 'IU')
}

export const writeValue = (value: Value): string =>
  'text' in value
    ? value.text
    : `${{ '<': '<', '<=': '≤', '>': '>', '>=': '≥', '': '' }[value.comparator ?? '']}${value.comparator ? ' ' : ''}${value.number}`

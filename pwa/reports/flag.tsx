import { ArrowDown, ArrowUp, Check, ChevronsDown, ChevronsUp, CircleAlert, type IconNode } from 'lucide'
import type { ComponentChildren } from 'preact'
import type { FlagCode } from '../../shared/contract/reports.ts'
import { t } from '../platform/language.ts'
import { Icon } from '../ui/icon.tsx'
import css from './flag.module.css'

const signs: Record<FlagCode, IconNode> = {
  normal: Check,
  high: ArrowUp,
  low: ArrowDown,
  'critical-high': ChevronsUp,
  'critical-low': ChevronsDown,
  abnormal: CircleAlert,
}

/** Word and sign, never colour alone (VW-8). */
export function FlagMark({ flag, children }: { flag: FlagCode; children?: ComponentChildren }) {
  return (
    <span class={`${css.flag} ${flag === 'normal' ? css.fine : flag.startsWith('critical') ? css.critical : css.out}`}>
      {children ?? t(`flag.${flag}`)}
      <Icon node={signs[flag]} size="1.1em" />
    </span>
  )
}

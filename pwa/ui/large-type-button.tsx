import { ALargeSmall } from 'lucide'
import { t } from '../platform/language.ts'
import { useDisplay } from '../platform/preferences.ts'
import { Icon } from './icon.tsx'
import css from './large-type-button.module.css'

/** One tap, remembered (UX-1). */
export function LargeTypeButton({ wide = false }: { wide?: boolean }) {
  const [size, setSize] = useDisplay('size')
  const large = size === 'large'
  return (
    <button
      type="button"
      class={`${css.button} ${wide ? css.wide : ''}`}
      aria-pressed={large}
      onClick={() => setSize(large ? '' : 'large')}
    >
      <Icon node={ALargeSmall} size="1.4rem" />
      <span>{t('display.large')}</span>
    </button>
  )
}

import type { CategoryCode, LevelCode } from '../../shared/contract/primitives.ts'
import { t } from '../platform/language.ts'
import css from './classification.module.css'

/** Data category and level of a record (VW-7), and one tap below what they mean. */
export function Classification({ category, level }: { category: CategoryCode; level: LevelCode }) {
  return (
    <details class={css.details}>
      <summary>
        <span class={css.chip}>{t(`category.${category}`)}</span>
        <span class={css.chip}>{t('class.level', { level })}</span>
        <span class={css.what}>{t('class.what')}</span>
      </summary>
      <div class={css.text}>
        <p>
          <b>{t(`category.${category}`)}</b> {t(`category.${category}.text`)}
        </p>
        <p>
          <b>{t('class.level', { level })}</b> {t(`level.${level}`)}
        </p>
        <p>{t('class.source')}</p>
      </div>
    </details>
  )
}

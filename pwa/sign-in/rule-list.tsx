import { Check, Circle } from 'lucide'
import { t } from '../platform/language.ts'
import { Icon } from '../ui/icon.tsx'
import { ruleNames, unmetRules } from './password-rules.ts'
import css from './sign-in.module.css'

/** The rules, each ticked as it is met; read out politely when one changes. */
export function RuleList({ id, password, least }: { id: string; password: string; least: number }) {
  const unmet = unmetRules(password, least)
  return (
    <div id={id} class={css.rules}>
      <p>{t('password.rules')}</p>
      <ul aria-live="polite">
        {ruleNames.map((rule) => {
          const met = !unmet.includes(rule)
          return (
            <li key={rule} data-met={met ? '' : undefined}>
              <Icon node={met ? Check : Circle} />
              <span>
                {t(`password.rule.${rule}`, { count: least })}
                <span class="hidden"> {t(met ? 'password.rule.met' : 'password.rule.unmet')}</span>
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

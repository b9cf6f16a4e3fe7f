import { EyeOff, FileText, ScanEye } from 'lucide'
import { t } from '../platform/language.ts'
import { Link } from '../platform/router.tsx'
import { useSession } from '../platform/session.ts'
import { buttonClass } from '../ui/button.tsx'
import { DisplaySettings } from '../ui/display-settings.tsx'
import { Icon } from '../ui/icon.tsx'
import { Screen } from '../ui/screen.tsx'
import { EndingNotice } from './ending-notice.tsx'
import css from './sign-in.module.css'

export function Welcome() {
  const { windowMonths } = useSession()
  return (
    <Screen title={t('app.name')}>
      <p class={css.tagline}>{t('app.tagline')}</p>
      <EndingNotice />
      <ul class={css.points}>
        <li>
          <Icon node={FileText} size="1.5rem" />
          <span>{t('welcome.point.see', { months: windowMonths })}</span>
        </li>
        <li>
          <Icon node={ScanEye} size="1.5rem" />
          <span>{t('welcome.point.who')}</span>
        </li>
        <li>
          <Icon node={EyeOff} size="1.5rem" />
          <span>{t('welcome.point.mask')}</span>
        </li>
      </ul>
      <div class="stack">
        <Link to="/sign-in" class={buttonClass('filled')}>
          {t('welcome.sign-in')}
        </Link>
        <Link to="/register" class={buttonClass('outlined')}>
          {t('welcome.register')}
        </Link>
      </div>
      <DisplaySettings />
    </Screen>
  )
}

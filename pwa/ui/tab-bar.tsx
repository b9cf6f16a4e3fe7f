import { CircleUserRound, FileText, type IconNode, Pill, ScanEye } from 'lucide'
import { t } from '../platform/language.ts'
import { Link, usePlace } from '../platform/router.tsx'
import { Icon } from './icon.tsx'
import css from './tab-bar.module.css'

const tabs: { path: '/reports' | '/medications' | '/access-log' | '/me'; icon: IconNode }[] = [
  { path: '/reports', icon: FileText },
  { path: '/medications', icon: Pill },
  { path: '/access-log', icon: ScanEye },
  { path: '/me', icon: CircleUserRound },
]

export function TabBar() {
  const { path: here } = usePlace()
  return (
    <nav class={css.bar} aria-label={t('nav.label')}>
      {tabs.map(({ path, icon }) => (
        <Link key={path} to={path} aria-current={here === path ? 'page' : here.startsWith(`${path}/`) ? 'true' : undefined}>
          <Icon node={icon} size="1.45em" />
          <span>{t(`nav.${path.slice(1) as 'reports' | 'medications' | 'access-log' | 'me'}`)}</span>
        </Link>
      ))}
    </nav>
  )
}

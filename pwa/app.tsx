import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import css from './app.module.css'
import type { Failure } from './platform/api.ts'
import { useIdle } from './platform/idle.ts'
import { onLanguage, t } from './platform/language.ts'
import { lazy } from './platform/lazy.tsx'
import { readPreference } from './platform/preferences.ts'
import { go, Link, usePlace } from './platform/router.tsx'
import { checkSession, currentSession, endSession, onSession, SessionContext } from './platform/session.ts'
import { registerWorker } from './platform/worker.ts'
import { ReportList } from './reports/report-list.tsx'
import { DemoBar, OfflineBar, UpdateBar } from './ui/bars.tsx'
import { IdleDialog } from './ui/idle-dialog.tsx'
import { ProblemNotice } from './ui/notice.tsx'
import { Screen } from './ui/screen.tsx'
import { Skeleton } from './ui/skeleton.tsx'
import { TabBar } from './ui/tab-bar.tsx'
import { TopBar } from './ui/top-bar.tsx'

const Welcome = lazy(() => import('./sign-in/welcome.tsx').then((file) => file.Welcome))
const SignIn = lazy(() => import('./sign-in/sign-in.tsx').then((file) => file.SignIn))
const Register = lazy(() => import('./sign-in/register.tsx').then((file) => file.Register))
const ReportDetail = lazy(() => import('./reports/report-detail.tsx').then((file) => file.ReportDetail))
const MedicationList = lazy(() => import('./reports/medication-list.tsx').then((file) => file.MedicationList))
const AccessLog = lazy(() => import('./access-log/access-log.tsx').then((file) => file.AccessLog))
const Me = lazy(() => import('./account/me.tsx').then((file) => file.Me))
const OfflineScreen = lazy(() => import('./ui/offline-screen.tsx').then((file) => file.OfflineScreen))

// Who was never signed in here will need these: they travel while the gateway is asked who this is.
if (!readPreference('signed-in')) import('./sign-in/welcome.tsx').catch(() => undefined)

export function App() {
  const [{ reply, ending }, setSession] = useState(currentSession)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [update, setUpdate] = useState<(() => void) | null>(null)
  const [, redraw] = useState({})
  const { path } = usePlace()

  const begin = async () => {
    setFailure(null)
    const outcome = await checkSession()
    if (!outcome.ok) setFailure(outcome.failure)
    void registerWorker((act) => setUpdate(() => act))
  }
  useEffect(() => onSession(setSession), [])
  useEffect(() => onLanguage(() => redraw({})), [])
  useEffect(() => {
    if (!reply) void begin()
  }, [reply === null])

  const person = reply?.person ?? null
  const away = reply !== null && redirect(path, person !== null, ending === 'signed-out')
  useEffect(() => {
    if (away) go(away, 'replace')
  }, [away])

  if (!reply) {
    if (failure?.code === 'offline') return <OfflineScreen again={() => void begin()} />
    return (
      <main class="shell-main">{failure ? <ProblemNotice failure={failure} again={() => void begin()} /> : <Skeleton />}</main>
    )
  }
  return (
    <SessionContext.Provider value={reply}>
      <div class={css.frame}>
        <a href="#content" class={css.skip}>
          {t('common.skip')}
        </a>
        {reply.demo && <DemoBar />}
        <OfflineBar />
        <UpdateBar update={update} />
        <TopBar />
        {person ? (
          <SignedIn key={person.id} minutes={reply.idleMinutes}>
            {!away && screenOf(path)}
          </SignedIn>
        ) : (
          <div class={css.middle}>{!away && openScreenOf(path)}</div>
        )}
      </div>
    </SessionContext.Provider>
  )
}

function SignedIn({ minutes, children }: { minutes: number; children: ComponentChildren }) {
  const { left, stay } = useIdle(minutes)
  return (
    <div class={css.tabbed}>
      <div class={css.middle}>{children}</div>
      <TabBar />
      {left !== null && <IdleDialog left={left} onStay={stay} onLeave={() => void endSession('signed-out')} />}
    </div>
  )
}

const open = ['/', '/sign-in', '/register']
const reportPath = /^\/reports\/([A-Za-z0-9_-]{22})$/

/** Where to go instead: data needs a person, and a person needs no sign-in. */
function redirect(path: string, signedIn: boolean, leaving: boolean): string | false {
  if (signedIn) return open.includes(path) && '/reports'
  if (open.includes(path) || !isPrivate(path)) return false
  return leaving ? '/' : `/sign-in?return=${encodeURIComponent(path)}`
}

const isPrivate = (path: string): boolean => /^\/(reports|medications|access-log|me)(\/|$)/.test(path)

function screenOf(path: string) {
  const report = reportPath.exec(path)
  if (report) return <ReportDetail key={path} id={report[1]!} />
  if (path === '/reports') return <ReportList key={path} />
  if (path === '/medications') return <MedicationList key={path} />
  if (path === '/access-log') return <AccessLog key={path} />
  if (path === '/me') return <Me key={path} />
  return <NotFound key="none" />
}

function openScreenOf(path: string) {
  if (path === '/') return <Welcome key={path} />
  if (path === '/sign-in') return <SignIn key={path} />
  if (path === '/register') return <Register key={path} />
  return <NotFound key="none" />
}

function NotFound() {
  return (
    <Screen title={t('not-found.title')}>
      <p>{t('not-found.text')}</p>
      <p>
        <Link to="/">{t('not-found.home')}</Link>
      </p>
    </Screen>
  )
}

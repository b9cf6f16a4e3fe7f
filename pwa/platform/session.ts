import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { getSession, type SessionReply, signOut } from '../../shared/contract/session.ts'
import { call, isOver, type Outcome, watchAnswers } from './api.ts'
import { forgetDrafts } from './drafts.ts'
import { epoch, forgetAll } from './memory.ts'
import { readPreference, remember } from './preferences.ts'
import { go } from './router.tsx'

/** Why nobody is signed in: shown once above the sign-in form. */
export type Ending = 'signed-out' | 'idle' | 'lost' | null
export interface SessionState {
  reply: SessionReply | null
  ending: Ending
}

let state: SessionState = { reply: null, ending: null }
let receivedAt = Date.now()
let lastAnswer = Date.now()
const listeners = new Set<(state: SessionState) => void>()
// Other tabs of this browser share the cookie, so they share the end of the session, the person and the sign of life.
const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('session') : null

export const SessionContext = createContext<SessionReply | null>(null)

/** Screens are drawn only when the gateway has said who is here. */
export function useSession(): SessionReply {
  const session = useContext(SessionContext)
  if (!session) throw new Error('no session above this screen')
  return session
}

/** Milliseconds since 1970 by the hospital's clock. */
export const hospitalNow = (session: SessionReply): number => Date.parse(session.now) + (Date.now() - receivedAt)
export const sinceLastAnswer = (): number => Date.now() - lastAnswer
export const currentSession = (): SessionState => state

export function onSession(listener: (state: SessionState) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function become(next: SessionState): void {
  state = next
  for (const listener of listeners) listener(next)
}

/** The last person seen in this tab: whose typed text is kept. */
let writer: string | undefined
let finishing: Promise<boolean> | null = null

/** Takes what the gateway says of the session; another person than before leaves nothing of the first. */
export function acceptSession(reply: SessionReply): void {
  const id = reply.person?.id
  const changed = id !== state.reply?.person?.id
  // What `early.ts` asked for is of use at the start only.
  if (changed && state.reply) window.zhiqing.answers.clear()
  if (changed) forgetAll()
  if (id && writer && id !== writer) forgetDrafts()
  writer = id ?? writer
  receivedAt = Date.now()
  remember('signed-in', id ? '1' : '')
  become({ reply, ending: id ? null : state.ending })
  if (changed) tabs?.postMessage(id ?? '')
}

export async function checkSession(): Promise<Outcome<SessionReply>> {
  const asked = epoch()
  const outcome = await call(getSession)
  // Somebody came or left meanwhile: the answer is about a session of before.
  if (asked !== epoch()) return state.reply ? { ok: true, value: state.reply } : checkSession()
  if (outcome.ok) acceptSession(outcome.value)
  if (!state.reply?.person) window.zhiqing.answers.clear()
  return outcome
}

/** Content leaves the screen and the memory at once, whatever the network does. */
function leave(ending: Ending): void {
  forgetAll()
  window.zhiqing.answers.clear()
  if (ending === 'signed-out') forgetDrafts()
  remember('signed-in', '')
  if (state.reply?.person) become({ reply: { ...state.reply, person: null }, ending })
}

export async function endSession(ending: 'signed-out' | 'idle'): Promise<void> {
  remember('leaving', '1')
  leave(ending)
  tabs?.postMessage(ending)
  await finishLeaving()
}

/** A sign-out counts when the gateway has heard it; until then nothing else is asked, even after the page was closed. */
function finishLeaving(): Promise<boolean> {
  if (!readPreference('leaving')) return Promise.resolve(true)
  finishing ??= call(signOut).then((outcome) => {
    finishing = null
    const heard = outcome.ok || isOver(outcome.failure.code)
    if (heard) remember('leaving', '')
    return heard
  })
  return finishing
}

/** Another tab has another person: nothing is shown until the gateway has said who this is. */
function startOver(): void {
  forgetAll()
  window.zhiqing.answers.clear()
  const shown = state.reply?.person
  become({ reply: null, ending: null })
  // The address may name a report of the person before.
  if (shown) go('/', 'replace')
}

export function startSession(): void {
  watchAnswers(
    () => leave('lost'),
    () => {
      lastAnswer = Date.now()
    },
    async (route) => route === signOut || finishLeaving(),
  )
  addEventListener('online', () => void finishLeaving())
  tabs?.addEventListener('message', ({ data }) => {
    if (data === 'signed-out' || data === 'idle') leave(data)
    else if (data !== (state.reply?.person?.id ?? '')) startOver()
  })
  // A page that comes back from the back/forward cache shows nothing until the gateway has said whose session this is.
  addEventListener('pagehide', () => {
    document.documentElement.dataset.blank = ''
  })
  addEventListener('pageshow', async ({ persisted }) => {
    if (persisted && state.reply?.person) {
      if (!readPreference('signed-in')) leave('signed-out')
      else if (!(await checkSession()).ok) location.reload()
    }
    delete document.documentElement.dataset.blank
  })
}

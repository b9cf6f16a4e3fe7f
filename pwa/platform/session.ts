import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { getSession, type SessionReply, signOut } from '../../shared/contract/session.ts'
import { call, type Outcome, watchAnswers } from './api.ts'
import { forgetDrafts } from './drafts.ts'
import { forgetAll } from './memory.ts'
import { holdPreferences, readPreference, remember } from './preferences.ts'

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
// Other tabs of this browser share the cookie, so they share the end of the session and the sign of life.
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

/** Takes what the gateway says of the session; another person than before leaves nothing of the first. */
export function acceptSession(reply: SessionReply): void {
  const before = state.reply?.person?.id
  if (before !== undefined && before !== reply.person?.id) forgetAll()
  receivedAt = Date.now()
  remember('signed-in', reply.person ? '1' : '')
  become({ reply, ending: reply.person ? null : state.ending })
}

export async function checkSession(): Promise<Outcome<SessionReply>> {
  const outcome = await call(getSession)
  if (outcome.ok) acceptSession(outcome.value)
  return outcome
}

/** Content leaves the screen and the memory at once, whatever the network does. */
function leave(ending: Ending): void {
  forgetAll()
  remember('signed-in', '')
  if (state.reply?.person) become({ reply: { ...state.reply, person: null }, ending })
}

export async function endSession(ending: 'signed-out' | 'idle'): Promise<void> {
  const restorePreferences = holdPreferences()
  leave(ending)
  if (ending === 'signed-out') forgetDrafts()
  tabs?.postMessage(ending)
  await call(signOut)
  restorePreferences()
}

export function startSession(): void {
  watchAnswers(
    () => leave('lost'),
    () => {
      lastAnswer = Date.now()
    },
  )
  tabs?.addEventListener('message', ({ data }) => {
    if (data === 'signed-out' || data === 'idle') leave(data)
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

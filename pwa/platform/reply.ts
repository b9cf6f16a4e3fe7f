import { useEffect, useState } from 'preact/hooks'
import type { Failure, Outcome } from './api.ts'
import { epoch, keep, recall } from './memory.ts'

/** One answer of the gateway for a screen: from memory if it was fetched since sign-in, else asked once. */
export function useReply<T>(key: string, load: () => Promise<Outcome<T>>) {
  const [value, setValue] = useState(() => recall<T>(key))
  const [failure, setFailure] = useState<Failure | null>(null)
  const [attempt, setAttempt] = useState(0)

  useEffect(() => {
    const known = recall<T>(key)
    setValue(known)
    setFailure(null)
    if (known !== undefined) return
    const asked = epoch()
    let wanted = true
    void load().then((outcome) => {
      if (!wanted || asked !== epoch()) return
      if (outcome.ok) keep(key, outcome.value)
      if (outcome.ok) setValue(outcome.value)
      else setFailure(outcome.failure)
    })
    return () => {
      wanted = false
    }
  }, [key, attempt])

  return { value, failure, again: () => setAttempt(attempt + 1) }
}

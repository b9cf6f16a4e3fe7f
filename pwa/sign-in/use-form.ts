import { useEffect, useRef, useState } from 'preact/hooks'
import type { Failure, FailureCode, Outcome } from '../platform/api.ts'

const atFields: FailureCode[] = ['field-invalid', 'password-weak']

/** State of one form: what is wrong with which field, whether it is being sent, and where the focus goes when it is wrong. */
export function useForm<Name extends string>(names: Name[]) {
  const element = useRef<HTMLFormElement>(null)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [marked, setMarked] = useState<Name[]>([])

  useEffect(() => {
    element.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [marked])

  const mark = (wrong: unknown[]): Name[] => {
    const found = names.filter((name) => wrong.includes(name))
    setMarked(found)
    return found
  }

  return {
    element,
    busy,
    /** The refusal of the whole form; one that only names fields is shown at the fields. */
    failure: failure && marked.length > 0 && atFields.includes(failure.code) ? null : failure,
    refused: failure,
    wrong: (name: Name): true | undefined => marked.includes(name) || undefined,
    /** Takes the names of fields that are wrong (and false for the others); true if there are none. */
    check: (wrong: unknown[]): boolean => {
      setFailure(null)
      return mark(wrong).length === 0
    },
    /** The answer's value, or null after showing the refusal. */
    send: async <T>(answer: Promise<Outcome<T>>): Promise<Outcome<T> | null> => {
      setBusy(true)
      const outcome = await answer
      setBusy(false)
      if (outcome.ok) return outcome
      setFailure(outcome.failure)
      // A refused code is well-formed; its own sentence says what is wrong with it.
      mark(atFields.includes(outcome.failure.code) ? outcome.failure.fields : [])
      return null
    },
    fail: setFailure,
    onSubmit: (act: () => Promise<void>) => (event: Event) => {
      event.preventDefault()
      if (!busy) void act()
    },
  }
}

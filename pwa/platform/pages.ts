import { useEffect, useState } from 'preact/hooks'
import type { Failure, Outcome } from './api.ts'
import { epoch, keep, recall } from './memory.ts'

interface Page<Item> {
  items: Item[]
  next: string | null
}
interface Shown<Item, First> {
  items: Item[]
  next: string | null
  first: First
}

/**
 * A list that grows by an opaque cursor. `fresh` is the place of the first line of the page that came last (0 at the
 * start), where the focus goes after "show more". Without a key nothing is remembered: each visit asks anew.
 */
export function usePages<Item extends { id: string }, First extends Page<Item>>(
  key: string | null,
  load: (cursor: string | undefined) => Promise<Outcome<First>>,
) {
  const [shown, setShown] = useState(() => (key ? recall<Shown<Item, First>>(key) : undefined))
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const [fresh, setFresh] = useState(0)

  async function ask(cursor: string | undefined): Promise<void> {
    const asked = epoch()
    setBusy(true)
    setFailure(null)
    const outcome = await load(cursor)
    if (asked !== epoch()) return
    setBusy(false)
    if (!outcome.ok) return setFailure(outcome.failure)
    const earlier = cursor ? shown : undefined
    // Something filed between two pages moves the rest down by one; nothing is shown twice.
    const known = new Set(earlier?.items.map((item) => item.id))
    const items = [...(earlier?.items ?? []), ...outcome.value.items.filter((item) => !known.has(item.id))]
    const next = { items, next: outcome.value.next, first: earlier?.first ?? outcome.value }
    if (key) keep(key, next)
    setFresh(earlier?.items.length ?? 0)
    setShown(next)
  }

  useEffect(() => {
    if (!shown) void ask(undefined)
  }, [])

  return {
    items: shown?.items,
    first: shown?.first,
    more: shown?.next ? () => void ask(shown.next ?? undefined) : null,
    again: () => void ask(failure?.code === 'cursor-invalid' ? undefined : (shown?.next ?? undefined)),
    busy,
    failure,
    fresh,
  }
}

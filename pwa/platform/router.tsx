import type { AnchorHTMLAttributes, ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

interface Place {
  path: string
  query: URLSearchParams
}

const listeners = new Set<() => void>()
const scrolls = new Map<string, number>()
let restoring = 0

history.scrollRestoration = 'manual'
const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) })
const entry = (): string => (history.state as { entry?: string } | null)?.entry ?? 'first'
let current = entry()

function tell(): void {
  for (const listener of listeners) listener()
}

addEventListener('popstate', () => {
  scrolls.set(current, scrollY)
  current = entry()
  restoring = scrolls.get(current) ?? 0
  tell()
})

export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  scrolls.set(current, scrollY)
  current = crypto.getRandomValues(new Uint32Array(2)).join('-')
  history[how === 'push' ? 'pushState' : 'replaceState']({ entry: current }, '', to)
  restoring = 0
  tell()
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const listen = () => setPlace(here())
    listeners.add(listen)
    return () => void listeners.delete(listen)
  }, [])
  return place
}

/** Where the screen that opens now was scrolled to when it was left; the top for a new one. */
export function takeScroll(): number {
  const target = restoring
  restoring = 0
  return target
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'role'> {
  to: string
  children: ComponentChildren
}

export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (to !== location.pathname + location.search) go(to)
    else scrollTo(0, 0)
  }
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  )
}

import { useEffect, useState } from 'preact/hooks'

/**
 * Choices of this device that say nothing about the person: language, type size, colours, that somebody signed in here,
 * and that a sign-out has yet to reach the gateway.
 */
export type Preference = 'language' | 'size' | 'theme' | 'signed-in' | 'leaving'

// Storage can be forbidden (private windows, some web views); choices then last as long as the page.
const kept = new Map<Preference, string>()

export function readPreference(name: Preference): string | null {
  if (kept.has(name)) return kept.get(name) ?? null
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

/** An empty value forgets the choice. */
export function remember(name: Preference, value: string): void {
  kept.set(name, value)
  try {
    if (value) localStorage.setItem(name, value)
    else localStorage.removeItem(name)
    // Another tab may change it from now on.
    kept.delete(name)
  } catch {
    // Kept in memory above.
  }
}

const listeners = new Set<() => void>()

/** Type size and colours as chosen on this device; every control that shows the choice follows. */
export function useDisplay(name: 'size' | 'theme'): [string, (value: string) => void] {
  const [value, setValue] = useState(() => readPreference(name) ?? '')
  useEffect(() => {
    const listen = () => setValue(readPreference(name) ?? '')
    listeners.add(listen)
    return () => void listeners.delete(listen)
  }, [name])
  return [
    value,
    (next) => {
      remember(name, next)
      if (next) document.documentElement.dataset[name] = next
      else delete document.documentElement.dataset[name]
      for (const listener of listeners) listener()
    },
  ]
}

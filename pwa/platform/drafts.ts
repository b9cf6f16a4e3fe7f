import { useState } from 'preact/hooks'

/**
 * Typed text that survives a reload, for as long as the tab lives. Never for passwords, codes or identity numbers:
 * their fields use plain `useState`.
 */
export function useDraft(name: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => read(name))
  return [
    text,
    (next) => {
      setText(next)
      write(name, next)
    },
  ]
}

export function forgetDraft(name: string): void {
  write(name, '')
}

export function forgetDrafts(): void {
  kept.clear()
  try {
    sessionStorage.clear()
  } catch {
    // Nothing was stored where storage is forbidden.
  }
}

const kept = new Map<string, string>()

function read(name: string): string {
  try {
    return sessionStorage.getItem(`draft.${name}`) ?? kept.get(name) ?? ''
  } catch {
    return kept.get(name) ?? ''
  }
}

function write(name: string, text: string): void {
  kept.set(name, text)
  try {
    if (text) sessionStorage.setItem(`draft.${name}`, text)
    else sessionStorage.removeItem(`draft.${name}`)
  } catch {
    // Kept in memory above; a full or forbidden storage loses it only on reload.
  }
}

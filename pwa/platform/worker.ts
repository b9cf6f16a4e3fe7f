interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

let registered = false

/**
 * Registers the shell's worker once the page is idle; `ready` gets a function that swaps to a newer version and reloads.
 * Trusted Types ask for a policy of our own: it knows one address only.
 */
export async function registerWorker(ready: (update: () => void) => void): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV || registered) return
  if (!(await isServed())) return
  registered = true
  const { Workbox } = await import('workbox-window')
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('zhiqing-worker', { createScriptURL: () => '/sw.js' })
  const workbox = new Workbox((policy?.createScriptURL('/sw.js') ?? '/sw.js') as string)
  workbox.addEventListener('waiting', () => {
    ready(() => {
      workbox.addEventListener('controlling', () => location.reload())
      workbox.messageSkipWaiting()
    })
  })
  try {
    await workbox.register()
  } catch (cause) {
    // Private windows and some web views forbid workers; the app works without, only not offline.
    console.info('no worker', cause)
  }
}

/** A worker that the gateway has withdrawn is removed, with its shell, and not registered again (that would revive it). */
async function isServed(): Promise<boolean> {
  const reply = await fetch('/version.json', { cache: 'no-store' }).catch(() => null)
  if (reply?.status !== 404 && reply?.status !== 410) return reply !== null
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister()
  for (const name of await caches.keys()) await caches.delete(name)
  return false
}

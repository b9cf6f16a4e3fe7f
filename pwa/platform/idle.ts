import { useEffect, useState } from 'preact/hooks'
import { checkSession, endSession, sinceLastAnswer } from './session.ts'

const warningSeconds = 60
const inputs = ['pointerdown', 'keydown', 'wheel', 'touchmove', 'scroll'] as const

/**
 * Ends the session after `minutes` without input, in all tabs together. Returns the seconds that are left once the last
 * minute has begun, else null, and the way to stay. The wall clock is compared at every tick, so a device that slept
 * ends at once; a clock set back ends too.
 */
export function useIdle(minutes: number): { left: number | null; stay: () => void } {
  const [left, setLeft] = useState<number | null>(null)
  const [touched, setTouched] = useState(0)

  useEffect(() => {
    const limit = minutes * 60_000
    let last = Date.now()
    let warned = false
    const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('input') : null
    const alive = () => {
      last = Date.now()
    }
    const touch = () => {
      // In the last minute only a clear answer counts, not a thumb that brushes the screen.
      if (warned || Date.now() - last < 1000) return
      alive()
      tabs?.postMessage('input')
      // The gateway counts requests; a long read without any must not end under the reader's eyes.
      if (sinceLastAnswer() > limit / 4) void checkSession()
    }
    const tick = () => {
      const idle = Date.now() - last
      const seconds = Math.ceil((limit - idle) / 1000)
      if (seconds <= 0 || idle < -warningSeconds * 1000) return void endSession('idle')
      warned = seconds <= warningSeconds
      setLeft(warned ? seconds : null)
    }
    tabs?.addEventListener('message', alive)
    const clock = setInterval(tick, 1000)
    document.addEventListener('visibilitychange', tick)
    for (const input of inputs) addEventListener(input, touch, { passive: true, capture: true })
    return () => {
      tabs?.close()
      clearInterval(clock)
      document.removeEventListener('visibilitychange', tick)
      for (const input of inputs) removeEventListener(input, touch, { capture: true })
    }
  }, [minutes, touched])

  return {
    left,
    stay: () => {
      setLeft(null)
      setTouched(touched + 1)
      void checkSession()
    },
  }
}

import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ProblemNotice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { Failure } from './api.ts'

const missing: Failure = { code: 'offline', fields: [], reasons: [], retryAfter: null }

/** A screen that arrives in a file of its own, after the first one. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let Loaded: ComponentType<Props> | undefined
  return function Lazy(props: Props & JSX.IntrinsicAttributes) {
    const [, redraw] = useState(0)
    const [failed, setFailed] = useState(false)
    const fetchScreen = () => {
      setFailed(false)
      load().then(
        (screen) => {
          Loaded = screen
          redraw(1)
        },
        () => setFailed(true),
      )
    }
    useEffect(() => {
      if (!Loaded) fetchScreen()
    }, [])
    if (Loaded) return <Loaded {...props} />
    return failed ? <ProblemNotice failure={missing} again={() => location.reload()} /> : <Skeleton />
  }
}

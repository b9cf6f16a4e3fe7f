import { ChevronLeft } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../platform/language.ts'
import { Link, takeScroll } from '../platform/router.tsx'
import { Icon } from './icon.tsx'
import css from './screen.module.css'

interface ScreenProps {
  title: string
  /** What the browser's history keeps instead, where the heading says something of the person. */
  pageTitle?: string
  /** Where the link above the heading leads. */
  back?: { to: string; label: string }
  children: ComponentChildren
}

// The page's own arrival is announced by the browser; only what comes after needs the focus moved.
let first = true

/** One screen: its heading takes the focus when it replaces another, its title is the page's title. */
export function Screen({ title, pageTitle = title, back, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = pageTitle === t('app.name') ? pageTitle : `${pageTitle} · ${t('app.name')}`
  }, [pageTitle])
  useLayoutEffect(() => {
    if (!first) {
      heading.current?.focus({ preventScroll: true })
      scrollTo(0, takeScroll())
    }
    first = false
  }, [])
  return (
    <main id="content" class={css.main}>
      {back && (
        <Link to={back.to} class={css.back}>
          <Icon node={ChevronLeft} />
          {back.label}
        </Link>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </main>
  )
}

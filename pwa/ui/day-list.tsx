import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { writeDayHeading } from '../platform/dates.ts'
import { groupByDay } from '../platform/days.ts'
import { t } from '../platform/language.ts'
import type { usePages } from '../platform/pages.ts'
import { useSession } from '../platform/session.ts'
import { Button } from './button.tsx'
import css from './day-list.module.css'
import { ProblemNotice } from './notice.tsx'
import { Skeleton } from './skeleton.tsx'

interface DayListProps<Item extends { id: string }> {
  pages: Omit<ReturnType<typeof usePages<Item, { items: Item[]; next: string | null }>>, 'first'>
  day: (item: Item) => string
  empty: string
  row: (item: Item) => ComponentChildren
}

/** A list under one heading per day, newest first; it never says how many there are in all. */
export function DayList<Item extends { id: string }>({ pages, day, empty, row }: DayListProps<Item>) {
  const { items, fresh, failure, busy } = pages
  const box = useRef<HTMLDivElement>(null)
  const session = useSession()
  useEffect(() => {
    if (fresh === 0) return
    const line = box.current?.querySelectorAll<HTMLElement>('li')[fresh]
    ;(line?.querySelector<HTMLElement>('a, button') ?? line)?.focus()
  }, [fresh])

  if (!items) return failure ? <ProblemNotice failure={failure} again={pages.again} /> : <Skeleton />
  return (
    <>
      <div ref={box}>
        {items.length === 0 && <p class={css.empty}>{empty}</p>}
        {groupByDay(items, day).map((group) => (
          <section key={group.day} aria-labelledby={`day-${group.day}`}>
            <h2 id={`day-${group.day}`}>{writeDayHeading(group.day, session)}</h2>
            <ul>
              {group.items.map((item) => (
                <li key={item.id} tabIndex={-1}>
                  {row(item)}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      {failure && <ProblemNotice failure={failure} again={pages.again} />}
      <p role="status" class="hidden">
        {fresh > 0 && t('common.more-shown')}
      </p>
      {pages.more && (
        <p class={css.more}>
          <Button busy={busy} onClick={pages.more}>
            {t('common.more')}
          </Button>
        </p>
      )}
    </>
  )
}

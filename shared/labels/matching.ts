import type { SensitiveClass } from '../policy/profile.ts'
import { isNegated } from './negation.ts'
import { type Compact, compact, gap, isDigit, isLetter } from './normalise.ts'
import { type Context, needs, type Term, vetoes, vocabulary } from './vocabulary.ts'

export interface Hit {
  of: SensitiveClass
  kind: 'about' | 'betrays'
  term: string
  /** UTF-16 offsets in the text that was read. */
  start: number
  end: number
}

export interface Reading {
  hits: Hit[]
  /** Something in the text is known, be it ordinary, masked, denied or sensitive. */
  known: boolean
}

interface Span {
  term: Term
  start: number
  end: number
}

/** No word or phrase that matters is longer; keeps every look back bounded. */
const reach = 64
const mostHits = 24
/** No honest text denies or explains away more than this; beyond it, every term counts. */
const mostExcuses = 1000

/** Finds the sensitive terms of a text: word boundaries, capitals, masks and denied histories considered. */
export function readText(text: string): Reading {
  const read = compact(text)
  if (read.length === 0) return { hits: [], known: false }
  const { terms, automaton } = vocabulary()
  let known = false
  const spans: Span[] = []
  const masks = new Map<number, Span[]>()
  automaton.scan(read.codes, read.length, (pattern, end) => {
    const term = terms[pattern]!
    if (known && term.kind === 'ordinary') return
    const start = end - term.length
    if (!stands(term, read, start, end, text)) return
    known = true
    if (term.kind === 'ordinary') return
    const span = { term, start: term.openStart ? wordStart(read, start) : start, end: term.openEnd ? wordEnd(read, end) : end }
    if (term.kind !== 'mask') spans.push(span)
    if (term.kind !== 'about') {
      const here = masks.get(span.start)
      if (here) here.push(span)
      else masks.set(span.start, [span])
    }
  })
  const hits: Hit[] = []
  const found = new Map<string, number>()
  let excuses = 0
  for (const span of spans) {
    // Enough is known of a class after so many; the rest of a long text would only cost time.
    const sort = `${span.term.kind} ${span.term.of}`
    const earlier = found.get(sort) ?? 0
    if (earlier >= mostHits) continue
    if (isMasked(span, masks)) continue
    if (excuses < mostExcuses && (isOutOfContext(span, read) || isDenied(span, read))) {
      excuses++
      continue
    }
    found.set(sort, earlier + 1)
    hits.push({
      of: span.term.of as SensitiveClass,
      kind: span.term.kind as Hit['kind'],
      term: span.term.text,
      start: read.origin[span.start]!,
      end: read.origin[span.end - 1]! + 1,
    })
  }
  return { hits, known }
}

/** A mask covers a hit of its class; a longer proxy covers what the record is about (癌 in 癌胚抗原). */
function isMasked(hit: Span, masks: Map<number, Span[]>): boolean {
  for (let at = hit.start; at >= 0 && at > hit.start - reach; at--) {
    for (const cover of masks.get(at) ?? []) {
      if (cover.end < hit.end) continue
      if (cover.term.kind === 'mask' && (cover.term.of === null || cover.term.of === hit.term.of)) return true
      const longer = cover.end - cover.start > hit.end - hit.start
      if (cover.term.kind === 'betrays' && hit.term.kind === 'about' && cover.term.of === hit.term.of && longer) return true
    }
  }
  return false
}

/** Nobody denies having been given a drug or a count: what betrays is not denied. */
const isDenied = ({ term, start, end }: Span, read: Compact): boolean =>
  term.kind === 'about' && isNegated(read, start, end, term.of)

function isOutOfContext({ term, start, end }: Span, read: Compact): boolean {
  const word = term.text.replaceAll(' ', '')
  const applies = ({ of, terms }: Context) => of === term.of && terms.has(word)
  const isNear = ({ near, within }: Context) => {
    const around = String.fromCharCode(...read.codes.subarray(Math.max(0, start - within), Math.min(read.length, end + within)))
    return near.some((other) => around.includes(other))
  }
  return vetoes.some((veto) => applies(veto) && isNear(veto)) || needs.some((need) => applies(need) && !isNear(need))
}

function stands(term: Term, read: Compact, start: number, end: number, text: string): boolean {
  if (term.whole && (start !== 0 || end !== read.length)) return false
  if (!term.openStart && !startsWord(read, start)) return false
  if (!term.openEnd && !endsWord(read, end)) return false
  if (!isWhole(term, read, start, end)) return false
  return !term.capitals || isCapital(read, start, end, text)
}

const isWordCode = (code: number): boolean => isLetter(code) || isDigit(code)

function startsWord({ codes, gaps }: Compact, start: number): boolean {
  if (start === 0 || gaps[start] !== gap.none) return true
  const before = codes[start - 1]!
  const first = codes[start]!
  return isLetter(first) ? !isLetter(before) : !(isDigit(first) && isWordCode(before))
}

function endsWord(read: Compact, end: number): boolean {
  const { codes, gaps, length } = read
  const last = codes[end - 1]!
  if (!isWordCode(last) || end === length || gaps[end] !== gap.none) return true
  const next = codes[end]!
  if (isDigit(last)) return !isDigit(next)
  if (!isLetter(next)) return true
  // A plural is the same word.
  return next === 115 && (end + 1 === length || gaps[end + 1] !== gap.none || !isLetter(codes[end + 1]!))
}

/** Latin words hold no blank that the term lacks (`ml/h IV` is not HIV), unless every letter stands apart (H I V). */
function isWhole(term: Term, { codes, gaps }: Compact, start: number, end: number): boolean {
  let torn = false
  let apart = true
  for (let i = start + 1; i < end; i++) {
    if (gaps[i] === gap.none) {
      apart = false
      continue
    }
    if (gaps[i]! < gap.blank || term.blanks.has(i - start)) continue
    const before = codes[i - 1]!
    const here = codes[i]!
    if ((isLetter(before) && isLetter(here)) || (isDigit(before) && isDigit(here))) torn = true
  }
  return !torn || apart
}

function isCapital({ origin }: Compact, start: number, end: number, text: string): boolean {
  for (let i = start; i < end; i++) {
    const written = text.charAt(origin[i]!).normalize('NFKC')
    if (written !== written.toUpperCase()) return false
  }
  return true
}

function wordStart({ codes, gaps }: Compact, start: number): number {
  let at = start
  while (at > 0 && start - at < reach && gaps[at] === gap.none && isLetter(codes[at]!) && isLetter(codes[at - 1]!)) at--
  return at
}

function wordEnd({ codes, gaps, length }: Compact, end: number): number {
  let at = end
  while (at < length && at - end < reach && gaps[at] === gap.none && isLetter(codes[at]!)) at++
  return at
}

import { type SensitiveClass, sensitiveClasses } from '../policy/profile.ts'
import { type Automaton, buildAutomaton } from './automaton.ts'
import { compact, gap } from './normalise.ts'
import codeRules from './terms/codes.json' with { type: 'json' }
import genetic from './terms/genetic.json' with { type: 'json' }
import hepatitis from './terms/hepatitis.json' with { type: 'json' }
import hiv from './terms/hiv.json' with { type: 'json' }
import masks from './terms/masks.json' with { type: 'json' }
import mental from './terms/mental.json' with { type: 'json' }
import ordinary from './terms/ordinary.json' with { type: 'json' }
import panels from './terms/panels.json' with { type: 'json' }
import reproductive from './terms/reproductive.json' with { type: 'json' }
import std from './terms/std.json' with { type: 'json' }
import substance from './terms/substance.json' with { type: 'json' }
import tumour from './terms/tumour.json' with { type: 'json' }

/**
 * Notation of the term files: terms are parted by `|`; `*` in front or behind lets a Latin word run on to that side;
 * `=` in front asks for capitals (AIDS, not aids); `^` asks that the term be the whole text. A blank in a term may be
 * missing in the text; a blank in the text inside a Latin word must be in the term.
 */
export interface Term {
  kind: 'about' | 'betrays' | 'mask' | 'ordinary'
  /** Null: a mask for every class, or an ordinary term. */
  of: SensitiveClass | null
  text: string
  length: number
  openStart: boolean
  openEnd: boolean
  capitals: boolean
  whole: boolean
  /** Offsets within the term before which a blank may stand. */
  blanks: ReadonlySet<number>
}

const classFiles: Record<SensitiveClass, { about: string[]; betrays: string[] }> = {
  HIV: hiv,
  HEPATITIS: hepatitis,
  STD: std,
  GENETIC: genetic,
  TUMOUR: tumour,
  MENTAL: mental,
  REPRODUCTIVE: reproductive,
  SUBSTANCE: substance,
}

interface Vocabulary {
  terms: readonly Term[]
  automaton: Automaton
}

let built: Vocabulary | undefined

/** Built at first use, not at import: a client that never labels pays nothing. */
export function vocabulary(): Vocabulary {
  built ??= build()
  return built
}

function build(): Vocabulary {
  const terms: Term[] = []
  const patterns: Uint16Array[] = []
  const add = (kind: Term['kind'], of: SensitiveClass | null, groups: readonly string[]) => {
    for (const group of groups) {
      for (const written of group.split('|')) {
        const { term, pattern } = readTerm(kind, of, written)
        if (pattern.length === 0) continue
        terms.push(term)
        patterns.push(pattern)
      }
    }
  }
  const {
    vetoes: _vetoes,
    comment: _comment,
    ...byClass
  }: Partial<Record<SensitiveClass, string[]>> & Record<string, unknown> = masks
  add('mask', null, masks['*'])
  for (const of of sensitiveClasses) {
    add('about', of, classFiles[of].about)
    add('betrays', of, classFiles[of].betrays)
    add('mask', of, byClass[of] ?? [])
  }
  for (const of of panels.of) add('about', of as SensitiveClass, panels.about)
  add('ordinary', null, ordinary.zh)
  add('ordinary', null, ordinary.en)
  return { terms, automaton: buildAutomaton(patterns) }
}

function readTerm(kind: Term['kind'], of: SensitiveClass | null, written: string): { term: Term; pattern: Uint16Array } {
  const [, marks = '', body = '', end = ''] = /^([=^*]*)(.*?)(\*?)$/.exec(written) ?? []
  const { codes, gaps, length } = compact(body)
  const blanks = new Set<number>()
  for (let i = 1; i < length; i++) if (gaps[i]! >= gap.blank) blanks.add(i)
  const term: Term = {
    kind,
    of,
    text: body,
    length,
    openStart: marks.includes('*'),
    openEnd: end === '*',
    capitals: marks.includes('='),
    whole: marks.includes('^'),
    blanks,
  }
  return { term, pattern: codes.slice(0, length) }
}

/** A term's neighbourhood decides: `vetoes` cancel it, `needs` must be met. Distances in kept characters. */
export interface Context {
  of: string
  terms: ReadonlySet<string>
  near: readonly string[]
  within: number
}

const readContext = ({ of, terms, near, within }: { of: string; terms: string; near: string; within: number }): Context => ({
  of,
  terms: new Set(terms.split('|')),
  near: near.split('|'),
  within,
})
export const vetoes: readonly Context[] = masks.vetoes.map(readContext)
export const needs: readonly Context[] = masks.needs.map(readContext)

/** Changes whenever a rule or term changes, so that a store knows what to relabel. FNV-1a over the rule data. */
export const rulesVersion: string = fingerprint(JSON.stringify([classFiles, panels, masks, ordinary, codeRules, 'logic 2']))

function fingerprint(text: string): string {
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193)
    high = Math.imul(high ^ text.charCodeAt(i), 0x85ebca6b)
  }
  return (low >>> 0).toString(16).padStart(8, '0') + (high >>> 0).toString(16).padStart(8, '0')
}

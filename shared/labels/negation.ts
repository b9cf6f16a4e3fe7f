import type { SensitiveClass } from '../policy/profile.ts'
import { type Compact, gap } from './normalise.ts'

/**
 * One ordinary note in five denies hepatitis or the like in its boilerplate. A denied or absent *history* does not
 * hide a note; a negative *test* does, for that one was made tells too. Doubt counts as not denied.
 */
const lookBack = 120
const lookAhead = 60
const sentenceEnds = new Set('。;.!?')

/** After these a list is denied up to its end. */
const denials = [
  '否认',
  '否认有',
  '否认曾',
  '否认患',
  '否认患有',
  '否认曾患',
  '否认曾患有',
  '否认曾有',
  '否认既往有',
  '否认既往患',
  'denies',
  'denied',
  'denying',
  'nohistoryof',
  'nofamilyhistoryof',
  'nopersonalhistoryof',
  'nopriorhistoryof',
  'nopasthistoryof',
  'nohxof',
  'nosignificanthistoryof',
  'nopastmedicalhistoryof',
  'withouthistoryof',
]
/** These deny only what a word for history follows in the same breath. */
const absences = ['无', '没有', '未有', '从未']
const histories = ['史', '接触', '嗜好', '病家族']
/** In a review of systems; of a test it would be the result. */
const reviews = ['negativefor']
/** Before these classes a plain no, a few words back, is how a doctor says that all is well (无焦虑抑郁, no illicit drugs). */
const plainNo =
  /(?:无|没有|未诉)([^,:]{0,10})$|(?:^|[,:]|and|with|has|had|is)no(?:known|current|active|prior|recent|any|tobacco|alcohol|drugs?|or|illicit|signsof|evidenceof|complaintsof|significant)*$/
/** 无明显诱因出现焦虑 denies nothing. */
const noDenial = /诱因|出现|发作|[后时伴因服予致而]/
const reviewed: ReadonlySet<SensitiveClass> = new Set(['MENTAL', 'SUBSTANCE', 'REPRODUCTIVE'])
const turns = [
  '但',
  '有',
  '曾',
  '患',
  '确诊',
  '诊断',
  '阳性',
  'but',
  'except',
  'however',
  'positive',
  'diagnosed',
  'reports',
  'admits',
  'endorses',
  '史,',
  '病,',
]
const affirmations = ['阳性', '携带', '治疗', '确诊', '+', '年', 'positive', 'diagnosed']

export function isNegated(read: Compact, start: number, end: number, of: SensitiveClass | null): boolean {
  const before = backToSentence(read, start)
  if (before === '') return false
  const inReview = of !== null && reviewed.has(of) && (isOpen(before, reviews) || saysNo(before))
  const denied = isOpen(before, denials) || inReview
  const absent = !denied && isOpen(before, absences) && !/[,:]/.test(before.slice(lastOf(before, absences)))
  if (!denied && !absent) return false
  const after = onToSentence(read, end)
  const clause = after.split(',', 1)[0]!
  if (affirmations.some((word) => clause.includes(word))) return false
  return denied || histories.some((word) => clause.includes(word))
}

function saysNo(before: string): boolean {
  const said = plainNo.exec(before.slice(-60))
  const between = said?.[1] ?? ''
  return said !== null && !noDenial.test(between) && !turns.some((turn) => between.includes(turn))
}

const lastOf = (text: string, words: readonly string[]): number => Math.max(...words.map((word) => text.lastIndexOf(word)))

/** The last such word is still open: nothing since has turned the sentence. */
function isOpen(text: string, words: readonly string[]): boolean {
  let at = -1
  for (const word of words) {
    const found = text.lastIndexOf(word)
    if (found !== -1) at = Math.max(at, found + word.length)
  }
  if (at === -1) return false
  const since = text.slice(at)
  return !turns.some((turn) => since.includes(turn))
}

function backToSentence({ codes, gaps }: Compact, start: number): string {
  let from = start
  while (
    from > 0 &&
    start - from < lookBack &&
    gaps[from] !== gap.line &&
    !sentenceEnds.has(String.fromCharCode(codes[from - 1]!))
  )
    from--
  return String.fromCharCode(...codes.subarray(from, start))
}

function onToSentence({ codes, gaps, length }: Compact, end: number): string {
  let to = end
  while (to < length && to - end < lookAhead && gaps[to] !== gap.line && !sentenceEnds.has(String.fromCharCode(codes[to]!))) to++
  return String.fromCharCode(...codes.subarray(end, to))
}

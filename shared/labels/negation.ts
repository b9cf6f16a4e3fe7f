import type { SensitiveClass } from '../policy/profile.ts'
import { type Compact, gap } from './normalise.ts'

/**
 * One ordinary note in five denies hepatitis or the like in its boilerplate. A denied or absent *history* does not
 * hide a note; a negative *test* does, for that one was made tells too. Doubt counts as not denied: a denial ends at
 * the first comma unless a bare list of diseases goes on behind it.
 */
const lookBack = 120
const lookAhead = 60
const sentenceEnds = new Set('。;.!?')

/** After these a list is denied. Spaces in a text stand between Latin words only. */
const denials =
  /否认(?:既往|曾经?)?(?:患|有)*|\b(?:denie[sd]|denying|(?:no|without)(?: (?:known|family|personal|prior|past|significant|past medical))* (?:history|hx) of)\b/g
/** In a review of systems; of a test it would be the result. */
const reviews = /\bnegative for\b/g
/** These deny only what a word for history follows in the same breath. */
const absences = /无|没有|未有|从未/g
const histories = /史|接触|嗜好|病家族/
/** Before these classes a plain no, a few words back, is how a doctor says that all is well (无焦虑抑郁, no illicit drugs). */
const plainNo =
  /(?:无|没有|未诉)([^,:]{0,10})$|(?:^|[,:]|\b(?:and|with|has|had|is) )no (?:(?:known|current|active|prior|recent|any|tobacco|alcohol|drugs?|or|illicit|signs of|evidence of|complaints of|significant) )*$/
const reviewed: ReadonlySet<SensitiveClass> = new Set(['MENTAL', 'SUBSTANCE', 'REPRODUCTIVE'])
/** 无明显诱因出现焦虑, 无症状乙肝, 无痛人流 deny nothing. */
const noDenial = /^[症痛创偿菌效]|诱因|出现|发作|[后时伴因服予致而]/

/** What was found, done, given or measured is no denied history, wherever it stands in the clause. */
const affirmed =
  /但|有|曾|患|诊断|确诊|阳性|阴性|携带|治疗|术[后前中]|手术后|服|口服|注射|使用|用药|予|滴度|三阳|抗体|抗原|定量|定性|检[测查验]|筛查|复查|随访|待|提示|升高|增高|目前|现[在病]|近期|长期|年|月|\+|\d|\b(?:but|except|however|although|positive|negative|reactive|diagnosed|reports?|admits?|endorses?|on|takes?|taking|took|treated|treatment|therapy|receiving|received|started|using|uses|for|has|had|with|since|now|currently|status|post|s\/p|follow|followed|test|tests|tested|antibody|antigen|titer|screen|screening|serology|detected|underwent)\b/
/** A history that is said to its end: what follows is something else. */
const closed = /史(?![及和与或、:]|等)/
/** Next to a term in a bare list these leave it bare. */
const beside =
  /急性|慢性|病毒性|传染性|遗传性|家族性?|感染性?|其他|其它|等|各种|各类|[甲乙丙丁戊]型?|疾病|传染病|[型性病症炎癌]|感染|病史|接触史|家族史|史|\b(?:any|other|of|use|abuse|misuse|dependence|ideations?|thoughts?|symptoms?|infections?|diseases?|disorders?|issues|problems|history|current|past|prior|suicidal|homicidal|plans?|intent|[a-e])\b/g
const joins = /[、和与及或/]|\b(?:and|or|nor)\b/
const longestItem = 24

export function isNegated(read: Compact, start: number, end: number, of: SensitiveClass | null): boolean {
  // With the blank that parts it from the term.
  const before = written(read, backToSentence(read, start), start + 1).slice(0, -1)
  if (before === '') return false
  const term = written(read, start, end)
  const after = written(read, end, onToSentence(read, end))
  const clause = after.split(/[,:]/, 1)[0]!
  if (affirmed.test(clause)) return false
  if (isListed(since(before, denials), term, after, false)) return true
  if (of !== null && reviewed.has(of) && (isListed(since(before, reviews), term, after, true) || saysNo(before))) return true
  const absent = since(before, absences)
  if (absent === undefined || /[,:]/.test(absent) || noDenial.test(absent)) return false
  return !closed.test(absent) && !affirmed.test(absent) && histories.test(clause)
}

/** Whether a denial still holds at the term: in its own clause, or behind commas in a list of nothing but diseases. */
function isListed(denied: string | undefined, term: string, after: string, inReview: boolean): boolean {
  if (denied === undefined || affirmed.test(denied) || closed.test(denied)) return false
  const parts = denied.replace(/^[,:]|(史|疾病|病):/, '$1').split(/[,:]/)
  if (parts.length === 1) return true
  if (!parts.every((part) => part.length <= longestItem)) return false
  const rest = after.split(/[,:]/)
  const item = `${parts.at(-1)!.split(joins).at(-1)} ${rest[0]!.replace(/^s\b/, '').split(joins)[0]}`
  if (item.replace(beside, '').trim() !== '') return false
  if (/(?:等|传染病|疾病).{0,12}史$/.test(rest[0]!)) return true
  // In English the word before the last item says that it was one list; a review of systems is one anyway.
  const list = `${parts.slice(1).join(',')}${term}${rest.join(',')}`
  return /^[\x20-\x7e]*$/.test(list) && (inReview || /\b(?:or|nor)\b/.test(list))
}

function saysNo(before: string): boolean {
  const said = plainNo.exec(before.slice(-80))
  const between = said?.[1] ?? ''
  return said !== null && !noDenial.test(between) && !affirmed.test(between)
}

/** What stands behind the last such word. */
function since(text: string, words: RegExp): string | undefined {
  let found: string | undefined
  for (const match of text.matchAll(words)) found = text.slice(match.index + match[0].length)
  return found
}

/** As it was written, folded: a blank stays between Latin words, and counts as a comma between Chinese ones. */
function written({ codes, gaps }: Compact, from: number, to: number): string {
  const parts: string[] = []
  for (let i = from; i < to; i++) {
    const [before, here] = [i === 0 ? 0 : codes[i - 1]!, codes[i]!]
    if (gaps[i] === gap.blank) {
      if (before < 128 && here < 128) parts.push(' ')
      else if (isHan(before) && isHan(here)) parts.push(',')
    }
    parts.push(String.fromCharCode(here))
  }
  return parts.join('').replace(/ ?([,:]) ?/g, '$1')
}

const isHan = (code: number): boolean => code > 0x3400 && code < 0xa000

function backToSentence({ codes, gaps }: Compact, start: number): number {
  let from = start
  while (
    from > 0 &&
    start - from < lookBack &&
    gaps[from] !== gap.line &&
    !sentenceEnds.has(String.fromCharCode(codes[from - 1]!))
  )
    from--
  return from
}

function onToSentence({ codes, gaps, length }: Compact, end: number): number {
  let to = end
  while (to < length && to - end < lookAhead && gaps[to] !== gap.line && !sentenceEnds.has(String.fromCharCode(codes[to]!))) to++
  return to
}

import type { FhirResource } from '../../../shared/contract/fhir.ts'
import { readDate } from './dates.ts'
import type { ImportError } from './entry.ts'
import r4 from './r4.json' with { type: 'json' }

interface Element {
  type: string
  list: boolean
}

interface Shape {
  elements: Map<string, Element>
  /** Names that must be there; of a choice, one of several. */
  required: { name: string; any: string[] }[]
  choices: { name: string; any: string[] }[]
}

const mostErrors = 20
const longestString = 1024 * 1024
const longestToken = 4096
const stored = new Set(r4.stored)
const earliestYear = 1850
const latestYear = 2100

/** False for definitions, directories and messages: they are skipped, which is no error. */
export const isStored = (type: string) => stored.has(type)

const choiceName = (name: string, type: string) => name.slice(0, -3) + type[0]!.toUpperCase() + type.slice(1)

function readShape(text: string): Shape {
  const shape: Shape = { elements: new Map(), required: [], choices: [] }
  for (const element of text.split(' ')) {
    const cut = element.indexOf(':')
    const name = element.slice(0, cut).replace('!', '')
    const isRequired = element.includes('!') || element.endsWith('+')
    const types = element
      .slice(cut + 1)
      .replace(/[!*+]$/, '')
      .split('|')
      .filter((type) => type !== '')
    const any = name.endsWith('[x]') ? types.map((type) => choiceName(name, type)) : [name]
    any.forEach((key, index) => void shape.elements.set(key, { type: types[index]!, list: /[^:][*+]$/.test(element) }))
    if (isRequired) shape.required.push({ name, any })
    if (any.length > 1) shape.choices.push({ name, any })
  }
  return shape
}

const shapes = new Map(Object.entries(r4.types).map(([type, text]) => [type, readShape(text)]))

// biome-ignore lint/suspicious/noControlCharactersInRegex: FHIR forbids them in strings, and so does PostgreSQL's text
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/
const text = (value: unknown) => typeof value === 'string' && value.trim() !== ''
const token = (value: unknown) => text(value) && (value as string).length <= longestToken
const whole = (least: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) < 2 ** 31
const dated = (fits: (time: string | null) => boolean, fully: boolean) => (value: unknown) => {
  const parts = typeof value === 'string' ? readDate(value) : null
  return (
    parts !== null && parts.year >= earliestYear && parts.year <= latestYear && fits(parts.time) && (!fully || parts.day !== null)
  )
}

const primitives: Record<string, { fits: (value: unknown) => boolean; code: string }> = {
  boolean: { fits: (value) => typeof value === 'boolean', code: 'type-wrong' },
  integer: { fits: whole(-(2 ** 31)), code: 'number-invalid' },
  unsignedInt: { fits: whole(0), code: 'number-invalid' },
  positiveInt: { fits: whole(1), code: 'number-invalid' },
  decimal: { fits: (value) => Number.isFinite(value), code: 'number-invalid' },
  string: { fits: text, code: 'string-invalid' },
  markdown: { fits: text, code: 'string-invalid' },
  xhtml: { fits: text, code: 'string-invalid' },
  code: { fits: token, code: 'code-invalid' },
  uri: { fits: token, code: 'string-invalid' },
  url: { fits: token, code: 'string-invalid' },
  canonical: { fits: token, code: 'string-invalid' },
  oid: { fits: token, code: 'string-invalid' },
  uuid: { fits: token, code: 'string-invalid' },
  id: { fits: (value) => typeof value === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(value), code: 'id-invalid' },
  date: { fits: dated((time) => time === null, false), code: 'date-invalid' },
  dateTime: { fits: dated(() => true, false), code: 'date-invalid' },
  instant: { fits: dated((time) => time !== null, true), code: 'date-invalid' },
  time: {
    fits: (value) => typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/.test(value),
    code: 'time-invalid',
  },
  base64Binary: { fits: (value) => typeof value === 'string' && /^[A-Za-z0-9+/=\s]*$/.test(value), code: 'base64-invalid' },
}

/**
 * Structure of a stored resource against FHIR R4's own definitions (r4.json): JSON types, required elements, one of each
 * choice, codes and dates in form. Elements that R4 does not know pass, if their strings can be kept. Messages name the type.
 */
export function checkShape(resource: FhirResource): ImportError[] {
  const errors: ImportError[] = []
  const complain = (path: string, code: string, message: string) => {
    if (errors.length < mostErrors) errors.push({ path, code, message })
  }

  const checkElements = (value: Record<string, unknown>, type: string, path: string) => {
    const shape = shapes.get(type)
    const has = (name: string) => value[name] !== undefined || (isPrimitive(shape, name) && isExtended(value[`_${name}`]))
    for (const { name, any } of shape?.required ?? []) {
      if (!any.some(has))
        complain(join(path, name), 'required-missing', any.length > 1 ? any.join('|') : (shape?.elements.get(name)?.type ?? type))
    }
    for (const { name, any } of shape?.choices ?? []) {
      if (any.filter(has).length > 1) complain(join(path, name), 'choice-several', any.filter(has).join('|'))
    }
    for (const [key, inner] of Object.entries(value)) {
      const at = join(path, key)
      if (key === 'resourceType' || inner === undefined) continue
      const element =
        key === 'extension' || key === 'modifierExtension' ? { type: 'Extension', list: true } : elementOf(shape, type, key)
      if (element === undefined) checkUndefined(inner, at, key.startsWith('_') && isPrimitive(shape, key.slice(1)))
      else if (element.list) checkList(inner, element.type, at, shape?.required.some(({ name }) => name === key) ?? false)
      else check(inner, element.type, at)
    }
  }

  const checkList = (value: unknown, type: string, path: string, isRequired: boolean) => {
    if (!Array.isArray(value)) return complain(path, 'type-wrong', `${type}[]`)
    if (value.length === 0 && isRequired) complain(path, 'required-missing', `${type}[]`)
    value.forEach((item: unknown, index) => {
      // A null holds the place of a primitive that has only extensions.
      if (item !== null || !Object.hasOwn(primitives, type)) check(item, type, `${path}[${index}]`)
    })
  }

  const check = (value: unknown, type: string, path: string) => {
    if (Object.hasOwn(primitives, type)) {
      const { fits, code } = primitives[type]!
      if (!fits(value)) return complain(path, code, type)
      return type === 'base64Binary' ? undefined : checkLoose(value, path)
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return complain(path, 'type-wrong', type)
    const object = value as Record<string, unknown>
    if (type !== 'Resource') return checkElements(object, type, path)
    if (typeof object.resourceType !== 'string') return complain(join(path, 'resourceType'), 'required-missing', type)
    checkElements(object, object.resourceType, path)
  }

  /** Beside a primitive stands what extends it: an object, or of a list as many, each or null. */
  const checkUndefined = (value: unknown, path: string, isCompanion: boolean) => {
    if (!isCompanion) return checkLoose(value, path)
    for (const [index, item] of asList(value).entries()) {
      const at = Array.isArray(value) ? `${path}[${index}]` : path
      if (item !== null || !Array.isArray(value)) check(item, 'Element', at)
    }
  }

  /** What R4 does not define is kept and never read: only what no store could hold is refused. */
  const checkLoose = (value: unknown, path: string) => {
    if (typeof value === 'string') {
      if (!value.isWellFormed() || forbidden.test(value)) complain(path, 'string-invalid', 'string')
      else if (value.length > longestString) complain(path, 'too-long', 'string')
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) complain(path, 'number-invalid', 'decimal')
    } else if (Array.isArray(value)) value.forEach((item, index) => void checkLoose(item, `${path}[${index}]`))
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) checkLoose(inner, join(path, key))
    }
  }

  checkElements(resource, resource.resourceType, '')
  return errors
}

const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`)

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

function isPrimitive(shape: Shape | undefined, name: string): boolean {
  const type = shape?.elements.get(name)?.type
  return type !== undefined && Object.hasOwn(primitives, type)
}

/** Whether a primitive without value has, instead, an extension that says why: an empty companion says nothing. */
const isExtended = (companion: unknown) =>
  asList(companion).some((item) => {
    const extension: unknown = typeof item === 'object' && item !== null && 'extension' in item ? item.extension : undefined
    return Array.isArray(extension) && extension.length > 0
  })

/** An extension's value may have any type, its name says which; a type without definition here passes. */
function elementOf(shape: Shape | undefined, type: string, key: string): Element | undefined {
  if (type !== 'Extension' || !/^value[A-Z]/.test(key)) return shape?.elements.get(key)
  const name = key.slice('value'.length)
  const primitive = name[0]!.toLowerCase() + name.slice(1)
  if (Object.hasOwn(primitives, primitive)) return { type: primitive, list: false }
  return shapes.has(name) ? { type: name, list: false } : undefined
}

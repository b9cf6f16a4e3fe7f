import { Buffer } from 'node:buffer'
import type { ImportError } from './entry.ts'

const mostTold = 1000
const longestText = 1000

/** Errors of one batch: the first thousand word for word, of the others their number, as one last error `more-errors`. */
export class ErrorList {
  readonly #told: ImportError[] = []
  #untold = 0

  add({ path, code, message }: ImportError): void {
    if (code === 'more-errors') this.#untold += Number(message)
    else if (this.#told.length < mostTold) this.#told.push({ path: detached(path), code, message: detached(message) })
    else this.#untold++
  }

  addAll(errors: Iterable<ImportError>): void {
    for (const error of errors) this.add(error)
  }

  get list(): ImportError[] {
    if (this.#untold === 0) return [...this.#told]
    return [...this.#told, { path: '', code: 'more-errors', message: String(this.#untold) }]
  }
}

/** A piece of a text keeps the whole text in memory: what outlives its batch is copied. */
const detached = (text: string) => Buffer.from(text.slice(0, longestText)).toString()

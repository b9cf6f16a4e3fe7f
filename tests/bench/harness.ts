/** One figure of a bench. `unit` says what is counted and per what, e.g. "cards per CPU second". */
export interface Figure {
  name: string
  unit: string
  value: number
  goal?: { atLeast: number } | { atMost: number }
  /** The same work done the plainest way, measured in the same run: absolute figures of another machine say little. */
  reference?: { name: string; value: number }
  /** value / reference.value unless the bench gives its own. */
  ratio?: number
}
/** What tests/bench/NAME.bench.ts exports as default. */
export type Bench = () => Promise<Figure[]>

export interface Result extends Figure {
  bench: string
  met?: boolean
}

/** Calls of `work` per second of this process's CPU time (not of the clock: the machine is shared), the median of `rounds`. */
export function perCpuSecond(work: () => void, { rounds = 5, roundMs = 400 } = {}): number {
  for (let i = 0; i < 2000; i++) work()
  const rates = Array.from({ length: rounds }, () => {
    let calls = 0
    const began = process.cpuUsage()
    for (;;) {
      for (let i = 0; i < 200; i++) work()
      calls += 200
      const { user, system } = process.cpuUsage(began)
      if (user + system >= roundMs * 1000) return (calls * 1e6) / (user + system)
    }
  })
  return rates.sort((a, b) => a - b)[Math.floor(rounds / 2)]!
}

/** Judges what a bench gave back; throws on anything that is no figure, so that no NaN gets into a report. */
export function finish(bench: string, figures: unknown): Result[] {
  if (!Array.isArray(figures) || figures.length === 0) throw new Error('gave no figures')
  return figures.map((figure: Figure) => {
    const { name, unit, value, goal, reference } = figure
    if (!name || !unit || !Number.isFinite(value)) throw new Error(`no figure: ${JSON.stringify(figure)}`)
    if (reference && !Number.isFinite(reference.value)) throw new Error(`no reference figure: ${JSON.stringify(figure)}`)
    const ratio = figure.ratio ?? (reference && value / reference.value)
    const met = goal && ('atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost)
    return { bench, ...figure, ...(ratio === undefined ? {} : { ratio }), ...(met === undefined ? {} : { met }) }
  })
}

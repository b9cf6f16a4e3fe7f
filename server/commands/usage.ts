/** The command line was wrong: exit code 2. */
export class BadUsage extends Error {}

export interface Command {
  summary: string
  help: string
  /** Answers the exit code. */
  run(args: string[]): Promise<number>
}

export const printLine = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** parseArgs faults are the caller's: they become BadUsage. */
export function parse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new BadUsage((error as Error).message)
  }
}

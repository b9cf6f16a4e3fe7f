import { type Control, directControl } from '../control.ts'
import { socketControl } from '../control-client.ts'
import { controlSocket } from '../main.ts'
import { open } from '../open.ts'
import { readConfig } from '../platform/config.ts'

/** The store of the environment: through the running gateway where one has it open, else opened here. */
export async function reachStore(): Promise<Control> {
  const config = readConfig(process.env, 'command')
  if (config.databaseUrl === null) {
    const running = await socketControl(controlSocket(config.dataDirectory))
    if (running) return running
  }
  return directControl(await open(config))
}

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

export interface Browser {
  path: string
  args: string[]
  /** Chromium refuses its sandbox to root. */
  sandbox: boolean
}

const isProgram = (path: string) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The system's Chromium, else the one that Playwright downloaded. The flags keep it from calling home and from what a bare machine lacks. */
export function findChromium(): Browser | { absent: string } {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), chromium.executablePath()]
  const path = candidates.find((candidate) => candidate && isProgram(candidate))
  if (!path)
    return {
      absent: 'needs Chromium (Debian: apt-get install chromium fonts-noto-cjk; elsewhere: npx playwright install chromium)',
    }
  const sandbox = process.getuid?.() !== 0
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  return { path, sandbox, args: [...(sandbox ? [] : ['--no-sandbox']), '--disable-gpu', '--disable-quic', ...quiet] }
}

import './ui/tokens.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { patience } from './platform/api.ts'
import { startLanguage } from './platform/language.ts'
import { startSession } from './platform/session.ts'

const root = document.getElementById('app')
if (!root) throw new Error('index.html has no #app')

startSession()
const late = new Promise<never>((_, reject) => setTimeout(reject, patience))
try {
  await Promise.race([startLanguage(), late])
  root.replaceChildren()
  render(<App />, root)
} catch (cause) {
  console.error(cause)
  // Without words there is no screen: the page's own fixed sentence and a way on.
  root.replaceChildren()
  const failed = document.getElementById('failed')
  failed?.removeAttribute('hidden')
  failed?.querySelector('button')?.addEventListener('click', () => location.reload())
}

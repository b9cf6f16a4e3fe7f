import './ui/tokens.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { startLanguage } from './platform/language.ts'
import { startSession } from './platform/session.ts'

startSession()
await startLanguage()
const root = document.getElementById('app')
if (!root) throw new Error('index.html has no #app')
root.replaceChildren()
render(<App />, root)

/**
 * The shell's worker: keeps the files of the app, and nothing else. It never touches /api, so no answer of the gateway
 * is ever stored. The build writes the list of files in place of `__SHELL__`.
 */
interface Worker extends EventTarget {
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
  registration: { unregister(): Promise<boolean>; update(): Promise<unknown> }
  location: Location
}
interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends WorkerEvent {
  request: Request
  respondWith(answer: Promise<Response>): void
}
declare const __SHELL__: { build: string; number: number; files: string[] }

const worker = globalThis as unknown as Worker
const shell = __SHELL__
const cacheName = `shell-${shell.build}`
const files = new Set(shell.files)
/** Paths of the gateway that are pages or data of its own, never the app. */
const notOurs = /^\/(api|demo|fhir|metrics|healthz|readyz|openapi\.json)(\/|$)/

const on = <E extends WorkerEvent>(name: string, act: (event: E) => void) => worker.addEventListener(name, act as EventListener)

on('install', (event) => event.waitUntil(store()))
on('activate', (event) => event.waitUntil(clean().then(() => worker.clients.claim())))
on<WorkerEvent & { data: unknown }>('message', ({ data }) => {
  if ((data as { type?: string } | null)?.type === 'SKIP_WAITING') void worker.skipWaiting()
})

on<FetchEvent>('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin || notOurs.test(url.pathname)) return
  if (request.mode === 'navigate') {
    event.respondWith(answer('/', request))
    event.waitUntil(checkAge())
  } else if (files.has(url.pathname)) {
    event.respondWith(answer(url.pathname, request))
  }
})

/** Every file or none: a shell with a hole would open to a blank page offline. */
async function store(): Promise<void> {
  const cache = await caches.open(cacheName)
  await cache.addAll(shell.files.map((file) => new Request(file, { cache: 'reload' })))
}

async function answer(path: string, request: Request): Promise<Response> {
  return (await caches.match(path, { cacheName })) ?? fetch(request)
}

async function clean(): Promise<void> {
  for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name)
}

/**
 * An old worker would keep old rules alive: where the gateway no longer serves it, it removes itself; where it is below
 * the least allowed number, it also drops its shell, so that the next page comes from the gateway.
 */
async function checkAge(): Promise<void> {
  const reply = await fetch('/version.json', { cache: 'no-store' }).catch(() => null)
  if (!reply) return
  const withdrawn = reply.status === 404 || reply.status === 410
  const minimum = reply.ok
    ? await reply.json().then(
        (version: { minimum?: number }) => version.minimum ?? 0,
        () => 0,
      )
    : 0
  if (!withdrawn && shell.number >= minimum) return
  for (const name of await caches.keys()) await caches.delete(name)
  await worker.registration.unregister()
}

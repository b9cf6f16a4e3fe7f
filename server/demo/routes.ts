import type { FastifyInstance } from 'fastify'
import type { Deps } from '../platform/deps.ts'
import type { Jobs } from '../platform/jobs.ts'
import { readOutbox } from '../platform/messages.ts'
import { demoHospital } from './hospital.ts'
import { patientIdOf, seededAt } from './seed.ts'

const mostMessages = 200

/** The demo's own routes: who there is, and which messages would have left. `serve` without --demo never has them. */
export function demoRoutes(app: FastifyInstance, deps: Deps, jobs: Jobs): void {
  app.get('/demo/people', async (_request, reply) => {
    const { people } = demoHospital((await seededAt(deps)) ?? deps.now())
    const accounts = await deps.store.owner.selectFrom('account').select('patient_id').execute()
    const registered = new Set<string | null>(accounts.map(({ patient_id }) => patient_id))
    reply.header('cache-control', 'no-store')
    return people.map((person) => {
      const { id, name, phone, identityNumber, birthDate, password, roles, guardianOf, twinOf } = person
      const known = registered.has(patientIdOf(deps, person))
      return { id, name, phone, identityNumber, birthDate, password, registered: known, roles, guardianOf, twinOf }
    })
  })
  app.get('/demo/outbox', async (_request, reply) => {
    await jobs.settled()
    reply.header('cache-control', 'no-store')
    return readOutbox(deps, mostMessages)
  })
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { listAccessLog, questionEntry as questionRoute } from '../../shared/contract/access-log.ts'
import { isRefusal, type Refusal } from '../../shared/contract/errors.ts'
import { readIdentity, revealIdentifier as revealRoute } from '../../shared/contract/person.ts'
import { listMedications, listReports, readReport } from '../../shared/contract/reports.ts'
import type { AuditGroups } from '../evidence/audit.ts'
import { viewerOf } from '../identity/gate.ts'
import type { Viewer } from '../identity/viewer.ts'
import type { Deps } from '../platform/deps.ts'
import { CheckedText, type Gate, serveRoute } from '../platform/http.ts'
import { questionEntry, readAccessLog } from './access-log.ts'
import { readIdentityCard, revealIdentifier } from './identity-card.ts'
import { type Query, release } from './release.ts'

/** Everything a patient reads. Each handler names the person and asks; `release` and its neighbours decide and record. */
export function recordsRoutes(app: FastifyInstance, gate: Gate, deps: Deps, audit: AuditGroups): void {
  const db = deps.store.patient
  const releasing = { ...deps, audit }
  const whose = (viewer: Viewer, person: string) => (person === 'self' ? viewer.patientId : person)

  const letOut = async (request: FastifyRequest, person: string, query: Query): Promise<CheckedText | Refusal> => {
    const viewer = viewerOf(request)
    const answer = await release(db, releasing, viewer, whose(viewer, person), query)
    return isRefusal(answer) ? answer : new CheckedText(answer)
  }

  serveRoute(app, gate, listReports, ({ request, params, query }) =>
    letOut(request, params.person, { what: 'reports', cursor: query.cursor }),
  )
  serveRoute(app, gate, readReport, ({ request, params }) => letOut(request, params.person, { what: 'report', id: params.id }))
  serveRoute(app, gate, listMedications, ({ request, params, query }) =>
    letOut(request, params.person, { what: 'medications', cursor: query.cursor }),
  )
  serveRoute(app, gate, listAccessLog, ({ request, params, query }) => {
    const viewer = viewerOf(request)
    return readAccessLog(db, releasing, viewer, whose(viewer, params.person), query.cursor)
  })
  serveRoute(app, gate, questionRoute, ({ request, params, body }) => {
    const viewer = viewerOf(request)
    return questionEntry(db, deps, viewer, whose(viewer, params.person), params.id, body.text)
  })
  serveRoute(app, gate, readIdentity, ({ request, params }) => {
    const viewer = viewerOf(request)
    return readIdentityCard(db, releasing, viewer, whose(viewer, params.person))
  })
  serveRoute(app, gate, revealRoute, ({ request, params, body }) => {
    const viewer = viewerOf(request)
    return revealIdentifier(db, releasing, viewer, whose(viewer, params.person), body.field)
  })
}

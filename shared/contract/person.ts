import * as v from 'valibot'
import { Category, Day, Level, Subject } from './primitives.ts'
import { route } from './route.ts'

/** Direct identifiers that stand masked on screen (VW-6). */
export const IdentifierField = v.picklist(['name', 'phone', 'identityNumber', 'medicalRecordNumber'])
export type IdentifierFieldCode = v.InferOutput<typeof IdentifierField>

export const readIdentity = route({
  method: 'GET',
  path: '/api/people/:person/identity',
  access: 'signed-in',
  audit: 'identity-read',
  params: v.object({ person: Subject }),
  reply: v.object({
    /** Masked; null where the hospital holds none. */
    fields: v.array(v.object({ field: IdentifierField, masked: v.nullable(v.string()) })),
    birthDate: v.nullable(Day),
    category: Category,
    level: Level,
  }),
})
export type Identity = v.InferOutput<typeof readIdentity.reply>

export const revealIdentifier = route({
  method: 'POST',
  path: '/api/people/:person/identity/reveal',
  access: 'signed-in',
  audit: 'identifier-revealed',
  params: v.object({ person: Subject }),
  body: v.object({ field: IdentifierField }),
  reply: v.object({ field: IdentifierField, value: v.nullable(v.string()) }),
})

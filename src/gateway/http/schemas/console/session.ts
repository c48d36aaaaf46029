import { z } from 'zod'
import { scopes } from '../../../domain/accounts/client.ts'
import type { Session } from '../../../domain/accounts/session.ts'
import type { SessionView } from '../../../services/accounts/sessions.ts'
import { exampleKeyId, keyId, sessionId, timestamp, toTimestamp } from '../fields.ts'
import { pageOf } from '../paging.ts'
import { shownWord } from '../shown-word.ts'

export const SessionRequest = z
  .strictObject({
    key: z.string().min(1).max(1024).optional().meta({ description: 'An API key of this gateway.' }),
    ticket: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .meta({ description: 'From the address that a first start prints. Valid once, for five minutes.' }),
  })
  .refine(
    ({ key, ticket }) => (key === undefined) !== (ticket === undefined),
    'must have either key or ticket',
  )
  .meta({ id: 'SessionRequest', examples: [{ key: 'und_q1Zk0Tn2m8rJ5vX3bL7cW9yH4sG6dF0aP2eU8iO1x9Qa' }] })

const example = {
  id: 'ses_01kasp3v5tq8c9d4wz7m2n6xhr',
  object: 'session',
  key: { id: exampleKeyId, name: 'marketing' },
  tenant: 'studio',
  scopes: ['generate'],
  address: '192.0.2.17',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0',
  current: true,
  created_at: '2026-11-24T08:00:00.000Z',
  last_used_at: '2026-11-24T09:12:00.000Z',
  expires_at: '2026-11-24T20:00:00.000Z',
}

export const SessionDto = z
  .object({
    id: sessionId,
    object: z.literal('session'),
    key: z.object({ id: keyId, name: z.string() }),
    tenant: z.string(),
    scopes: z.array(shownWord(scopes)).meta({ description: 'What the key may do now.' }),
    address: z.string().meta({ description: 'From where it was made.' }),
    user_agent: z.string().nullable().meta({ description: 'What the browser calls itself.' }),
    current: z.boolean().meta({ description: 'Whether this request was sent in it.' }),
    created_at: timestamp,
    last_used_at: timestamp.meta({ description: 'May be a minute old.' }),
    expires_at: timestamp,
  })
  .meta({
    id: 'Session',
    description:
      'A browser that is signed in with a key. It ends early if its key is revoked or expires, or if the secret that it was made with is no longer valid.',
    examples: [example],
  })

export type SessionDto = z.output<typeof SessionDto>

export const SessionPage = pageOf('SessionPage', SessionDto)

export function toSessionDto({ session, client }: SessionView, current: Session | undefined): SessionDto {
  return {
    id: session.id,
    object: 'session',
    key: { id: client.keyId, name: client.key },
    tenant: client.tenant,
    scopes: client.scopes,
    address: session.address,
    user_agent: session.userAgent,
    current: session.id === current?.id,
    created_at: toTimestamp(session.createdAt),
    last_used_at: toTimestamp(session.usedAt),
    expires_at: toTimestamp(session.expiresAt),
  }
}

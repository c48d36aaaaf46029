import type { Client } from '../../domain/accounts/client.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import { auditEntry } from '../accounts/audit-entry.ts'

export type ViewedPart = 'list' | 'generation' | 'events' | 'deliveries' | 'exchanges' | 'video' | 'thumbnail'

interface Viewed {
  /** Null for a list. */
  subject: GenerationId | null
  /** Null for a list of all tenants. */
  tenant: string | null
  part: ViewedPart
}

/** Records that a key reads what belongs to another tenant: once per key, object, part and hour. Rejects if it cannot. */
export type NoteView = (client: Client, viewed: Viewed) => Promise<void>

const hourMs = 60 * 60_000
/** Entries that are not written again; one that is forgotten is found by the log itself. */
const remembered = 10_000

export function createNoteView(deps: { audit: AuditLog; ids: Ids; clock: Clock }): NoteView {
  const told = new Set<string>()
  return async (client, { subject, tenant, part }) => {
    const hour = Math.floor(deps.clock.now() / hourMs)
    const once = ['viewed', client.keyId, subject ?? tenant ?? '*', part, hour].join(' ')
    if (told.has(once)) return
    const action = subject === null ? 'generations.listed' : 'generation.viewed'
    const data = { tenant, ...(subject !== null && { part }) }
    await deps.audit.append({ ...auditEntry(deps, { actor: client, action, subject, data }), once })
    told.add(once)
    const [oldest] = told
    if (told.size > remembered && oldest !== undefined) told.delete(oldest)
  }
}

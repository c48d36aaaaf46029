import type { AuditAction } from '../../domain/accounts/audit.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { observes } from '../../domain/accounts/view.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import { auditEntry } from '../accounts/audit-entry.ts'

const figures = ['usage', 'estimates', 'tenants', 'statistics', 'failing_deliveries'] as const
/** Money and counts of tenants, not of a single generation. */
export type ViewedFigures = (typeof figures)[number]
export type ViewedPart = 'list' | 'generation' | 'events' | 'deliveries' | 'exchanges' | 'video' | 'thumbnail'

type Viewed = {
  /** Null for all tenants. */
  tenant: string | null
} & (
  | { subject: GenerationId | null; part: ViewedPart }
  /** `subject`: the upstream of statistics, or a tenant. */
  | { subject: string | null; part: ViewedFigures }
)

/** Records that a key reads what belongs to another tenant: once per key, object, part and hour. Rejects if it cannot. */
export type NoteView = (client: Client, viewed: Viewed) => Promise<void>

const hourMs = 60 * 60_000
/** Entries that are not written again; one that is forgotten is found by the log itself. */
const remembered = 10_000

export function createNoteView(deps: { audit: AuditLog; ids: Ids; clock: Clock }): NoteView {
  const told = new Set<string>()
  return async (client, { subject, tenant, part }) => {
    const hour = Math.floor(deps.clock.now() / hourMs)
    const once = ['viewed', client.keyId, subject ?? '', tenant ?? '*', part, hour].join(' ')
    if (told.has(once)) return
    const action = actionOf(subject, part)
    const data = { tenant, ...(action !== 'generations.listed' && { part }) }
    await deps.audit.append({ ...auditEntry(deps, { actor: client, action, subject, data }), once })
    told.add(once)
    const [oldest] = told
    if (told.size > remembered && oldest !== undefined) told.delete(oldest)
  }
}

function actionOf(subject: string | null, part: ViewedPart | ViewedFigures): AuditAction {
  if (figures.some((each) => each === part)) return 'figures.viewed'
  return subject === null ? 'generations.listed' : 'generation.viewed'
}

/** Records that a key that observes or operates reads figures of other tenants. Others see no more than their scopes name. */
export async function noteFigures(
  noteView: NoteView,
  client: Client,
  viewed: { tenant: string | null; part: ViewedFigures; subject?: string },
): Promise<void> {
  if (!observes(client) || viewed.tenant === client.tenant) return
  await noteView(client, { subject: null, ...viewed })
}

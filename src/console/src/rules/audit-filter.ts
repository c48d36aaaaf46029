/** What an entry of the audit log may be about, in the words of the API. */
export const auditActions = [
  'generation.created',
  'generation.cancelled',
  'generation.resubmitted',
  'generations.cancelled',
  'generation.deleted',
  'generation.viewed',
  'generations.listed',
  'figures.viewed',
  'character.created',
  'character.updated',
  'character.stills_replaced',
  'character.deleted',
  'character.bind_asked',
  'comparison.created',
  'comparison.scored',
  'comparison.deleted',
  'comparison.links_ended',
  'series.created',
  'series.cancelled',
  'series.retried',
  'series.deleted',
  'webhook_secret.created',
  'webhook_secret.deleted',
  'delivery.redelivered',
  'attempt.looked_at',
  'attempt.resolved',
  'key.created',
  'key.updated',
  'key.rotated',
  'key.revoked',
  'session.created',
  'session.ended',
  'tenant.updated',
  'budget.at_80_percent',
  'budget.exhausted',
  'authentication.failing',
  'configuration.reloaded',
  'audit.entries_removed',
  'operations.released',
  'operations.paused',
  'operations.resumed',
  'upstream.paused',
  'upstream.resumed',
  'upstream.breaker_reset',
  'upstream.probed',
] as const
export type AuditAction = (typeof auditActions)[number]

/** What the log is asked for. */
export interface AuditFilter {
  action?: AuditAction | undefined
  /** The name of the key that acted. */
  key?: string | undefined
  tenant?: string | undefined
  /** The ID of what it was done to. */
  subject?: string | undefined
  /** The first and the last day, as `2026-11-22`, in UTC. */
  from?: string | undefined
  to?: string | undefined
}

const dayMs = 86_400_000

export interface AuditQuery {
  action?: AuditAction
  key?: string
  tenant?: string
  subject?: string
  from?: string
  to?: string
}

/** As the API takes it, for the page and for the file alike: whole days of UTC, and nothing that was not said. */
export function auditQuery({ action, key, tenant, subject, from, to }: AuditFilter): AuditQuery {
  return {
    ...(action !== undefined && { action }),
    ...(key !== undefined && { key }),
    ...(tenant !== undefined && { tenant }),
    ...(subject !== undefined && { subject }),
    ...(from !== undefined && { from: `${from}T00:00:00Z` }),
    ...(to !== undefined && { to: new Date(Date.parse(to) + dayMs).toISOString() }),
  }
}

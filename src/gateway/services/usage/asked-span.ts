import { monthStart, nextMonthStart } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { observes } from '../../domain/accounts/view.ts'
import { Problem } from '../../domain/problem.ts'

/** A time and a tenant as parsed at the border; null means "not said". Instants are ms since the epoch. */
export interface AskedSpan {
  tenant: string | null
  from: number | null
  to: number | null
}

/** The tenant whose figures a key gets; null for all. Throws `forbidden` for those that it may not see. */
export function tenantOf(client: Client, { tenant }: Pick<AskedSpan, 'tenant'>): string | null {
  if (client.scopes.includes('admin') || observes(client)) return tenant
  if (tenant === null || tenant === client.tenant) return client.tenant
  throw new Problem(
    'forbidden',
    'The usage of other tenants requires a key with the scope admin, observe or operate.',
  )
}

/**
 * Without a time the current month in UTC; an end without a beginning takes the month that it ends. `place` is the pointer to
 * the object with both.
 */
export function timeOf(
  { from, to }: Pick<AskedSpan, 'from' | 'to'>,
  now: number,
  place: string,
): { from: number; to: number } {
  const end = to ?? nextMonthStart(now)
  const start = from ?? monthStart(to === null ? now : end - 1)
  if (start < end) return { from: start, to: end }
  throw faultyReport(`${place}/${to === null ? 'from' : 'to'}`, 'must be after the beginning')
}

export function faultyReport(pointer: string, detail: string): Problem {
  return new Problem('validation_failed', `The report ${detail}.`, { faults: [{ pointer, detail }] })
}

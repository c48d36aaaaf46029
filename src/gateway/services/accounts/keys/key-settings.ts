import type { GatewayKey, KeySettings } from '../../../domain/accounts/gateway-key.ts'
import { Problem } from '../../../domain/problem.ts'
import type { UpstreamSpec } from '../../../domain/routing/upstream.ts'
import type { Clock } from '../../../ports/clock.ts'

/** Throws where a setting cannot be. A name that nothing has is a slip, and would make a key that can do nothing. */
export function checkSettings(
  { allowUpstreams, allowModels, expiresAt }: Partial<KeySettings>,
  { specs, clock }: { specs: () => readonly UpstreamSpec[]; clock: Clock },
): void {
  const known = specs()
  const upstream = allowUpstreams?.find((id) => !known.some((spec) => spec.id === id))
  if (upstream !== undefined) {
    throw faulty('validation_failed', '/upstreams', `${upstream} is not a configured upstream`)
  }
  const model = allowModels?.find((name) => !known.some(({ models }) => Object.hasOwn(models, name)))
  if (model !== undefined) throw faulty('validation_failed', '/models', `no upstream serves ${model}`)
  if (expiresAt != null && expiresAt <= clock.now()) {
    throw faulty('validation_failed', '/expires_at', 'must be in the future')
  }
}

/** What the audit log is told of a key. */
export function whatIsSaidOf(key: GatewayKey) {
  const { name, tenant, scopes, allow, allowUpstreams, allowModels } = key
  return {
    name,
    tenant,
    scopes,
    allow: [...allow],
    upstreams: allowUpstreams && [...allowUpstreams],
    models: allowModels && [...allowModels],
    monthly_budget_micros: key.monthlyBudgetMicros,
    requests_per_minute: key.requestsPerMinute,
    max_in_flight: key.maxInFlight,
    expires_at: key.expiresAt,
  }
}

/** What the audit log is told of a change: each setting that differs, as it was and as it is. */
export function whatChanged(before: GatewayKey, after: GatewayKey) {
  const was = new Map(Object.entries(whatIsSaidOf(before)))
  const changed = Object.entries(whatIsSaidOf(after))
    .map(([setting, to]) => ({ setting, from: was.get(setting) ?? null, to }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
  return {
    name: after.name,
    changes: Object.fromEntries(changed.map(({ setting, from, to }) => [setting, { from, to }])),
  }
}

export function over(): Problem {
  return new Problem('conflict', 'This key is no longer valid. Create a new one.')
}

/** A key that is not there is not there for anybody. */
export function noSuchKey(): Problem {
  const detail = 'No key has this id.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}

export function faulty(code: Problem['code'], pointer: string, detail: string): Problem {
  return new Problem(code, `${pointer.slice(1)} ${detail}.`, { faults: [{ pointer, detail }] })
}

import type { WebhookFormat } from '../webhooks/webhook-event.ts'
import type { Session } from './session.ts'
import type { KeyId } from '../ids.ts'
import type { UpstreamKind } from '../routing/upstream.ts'

/**
 * `generate` and `read` cover the tenant's own objects. `admin` covers keys and the audit log, but no generations.
 * `observe` reads metadata, money and upstream responses of all tenants, without prompts and media. `operate` is `observe`
 * and acts on them: it resolves, pauses and releases. `operate_prompts` adds prompts, addresses and media of other tenants
 * to either and grants nothing by itself.
 */
export const scopes = ['generate', 'read', 'admin', 'observe', 'operate', 'operate_prompts'] as const
export type Scope = (typeof scopes)[number]

/** Budgets run by calendar months in UTC. */
export function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** The end of the month that `now` lies in. */
export function nextMonthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

/** What a key may use, whatever a request says: when planning, submitting, retrying, falling back and binding characters. */
export interface Floor {
  allow: readonly UpstreamKind[]
  /** Ids; null for every configured one. */
  allowUpstreams: readonly string[] | null
  /** Our model ids; null for every one. */
  allowModels: readonly string[] | null
}

/** What both allow: the permissions stored with a request and the current ones of its key. */
export function narrowest(a: Floor, b: Floor): Floor {
  return {
    allow: a.allow.filter((kind) => b.allow.includes(kind)),
    allowUpstreams: shared(a.allowUpstreams, b.allowUpstreams),
    allowModels: shared(a.allowModels, b.allowModels),
  }
}

function shared(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return a ?? b
  return a.filter((each) => b.includes(each))
}

/** Where a call came from, for the audit log. */
export interface Origin {
  address: string
  requestId: string
}

/** Who is calling: one gateway key, as configuration or the key registry knows it. Everything a client makes belongs to `tenant`. */
export interface Client extends Floor {
  keyId: KeyId
  tenant: string
  /** The name of the key. */
  key: string
  scopes: Scope[]
  /** Of the call under way; absent where there is none. */
  origin?: Origin
  /** Of a call that shows a cookie instead of a secret. */
  session?: Session
  monthlyBudgetMicros: number | null
  requestsPerMinute: number | null
  maxInFlight: number | null
  /** The default webhook URL of its generations. Null sends no webhooks. */
  webhookUrl: string | null
  /** The default format of webhooks. Absent: `understudy`. */
  webhookFormat?: WebhookFormat
}

/** The scopes and kinds that a key may have, in the words of the API. */
export const keyScopes = ['generate', 'read', 'admin', 'observe', 'operate', 'operate_prompts'] as const
export type KeyScope = (typeof keyScopes)[number]
export const keyKinds = ['official', 'reverse', 'self_hosted'] as const
export type KeyKind = (typeof keyKinds)[number]

/** A key as it stands in the form: what is typed, as text. */
export interface KeyDraft {
  name: string
  tenant: string
  scopes: readonly KeyScope[]
  allow: readonly KeyKind[]
  budget: string
  perMinute: string
  inFlight: string
  /** A day, as `2027-01-31`; the key works until its end in UTC. */
  expires: string
}

export const emptyKey: KeyDraft = {
  name: '',
  tenant: '',
  scopes: ['generate'],
  allow: [...keyKinds],
  budget: '',
  perMinute: '',
  inFlight: '',
  expires: '',
}

interface KnownKey {
  name: string
  tenant: string
  scopes: readonly string[]
  allow: readonly string[]
  monthly_budget_usd: number | null
  requests_per_minute: number | null
  max_in_flight: number | null
  expires_at: string | null
}

export function draftOfKey(key: KnownKey): KeyDraft {
  return {
    name: key.name,
    tenant: key.tenant,
    scopes: keyScopes.filter((each) => key.scopes.includes(each)),
    allow: keyKinds.filter((each) => key.allow.includes(each)),
    budget: textOf(key.monthly_budget_usd),
    perMinute: textOf(key.requests_per_minute),
    inFlight: textOf(key.max_in_flight),
    expires: key.expires_at === null ? '' : lastDayOf(key.expires_at),
  }
}

export interface KeySettings {
  scopes: KeyScope[]
  allow: KeyKind[]
  monthly_budget_usd: number | null
  requests_per_minute: number | null
  max_in_flight: number | null
  expires_at: string | null
}

/** As the API takes it. An empty field is no limit. */
export function settingsOf(draft: KeyDraft): KeySettings {
  return {
    scopes: [...draft.scopes],
    allow: [...draft.allow],
    monthly_budget_usd: numberOf(draft.budget),
    requests_per_minute: numberOf(draft.perMinute),
    max_in_flight: numberOf(draft.inFlight),
    expires_at: draft.expires === '' ? null : `${nextDay(draft.expires)}T00:00:00Z`,
  }
}

/** Only what differs, so that a limit that somebody else has changed meanwhile stays as it is. */
export function changesOf(before: KeyDraft, after: KeyDraft): Partial<KeySettings> {
  const [old, now] = [settingsOf(before), settingsOf(after)]
  return {
    ...(!isSame(old.scopes, now.scopes) && { scopes: now.scopes }),
    ...(!isSame(old.allow, now.allow) && { allow: now.allow }),
    ...(old.monthly_budget_usd !== now.monthly_budget_usd && { monthly_budget_usd: now.monthly_budget_usd }),
    ...(old.requests_per_minute !== now.requests_per_minute && {
      requests_per_minute: now.requests_per_minute,
    }),
    ...(old.max_in_flight !== now.max_in_flight && { max_in_flight: now.max_in_flight }),
    ...(before.expires !== after.expires && { expires_at: now.expires_at }),
  }
}

/** `list` with `item`, or without it, in the order of `all`. */
export function toggled<Item>(all: readonly Item[], list: readonly Item[], item: Item): Item[] {
  return all.filter((each) => (each === item ? !list.includes(each) : list.includes(each)))
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each))
}

function textOf(value: number | null): string {
  return value === null ? '' : String(value)
}

function numberOf(text: string): number | null {
  const value = text.trim() === '' ? null : Number(text)
  return value === null || Number.isNaN(value) ? null : value
}

const dayMs = 86_400_000

function nextDay(day: string): string {
  return new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10)
}

/** The day whose end this is, or that it lies in. */
function lastDayOf(instant: string): string {
  return new Date(Date.parse(instant) - 1).toISOString().slice(0, 10)
}

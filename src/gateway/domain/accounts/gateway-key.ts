import type { Client } from './client.ts'
import type { KeyId } from '../ids.ts'

/** One secret of a key. Only its hash is stored. */
export interface KeySecret {
  /** SHA-256 in hex. A slow hash is not needed for a secret of 256 random bits. */
  hash: string
  /** Its last characters, to tell it from others. */
  hint: string
  createdAt: number
  /** Null: valid as long as the key. */
  validUntil: number | null
}

/** What a client may do, whatever key it shows. */
export type Grant = Omit<Client, 'keyId' | 'key' | 'origin' | 'session' | 'webhookUrl'>

/** A key made through the API. Instants are ms since the epoch. */
export interface GatewayKey extends Grant {
  id: KeyId
  name: string
  /** Newest first; never more than two. */
  secrets: KeySecret[]
  createdAt: number
  /** Null: never. */
  expiresAt: number | null
  revokedAt: number | null
}

export const keyStates = ['active', 'expired', 'revoked'] as const
export type KeyState = (typeof keyStates)[number]

export function keyStateOf(key: Pick<GatewayKey, 'expiresAt' | 'revokedAt'>, now: number): KeyState {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && key.expiresAt <= now ? 'expired' : 'active'
}

/** Whether a request with this secret is accepted. */
export function opens(
  key: Pick<GatewayKey, 'expiresAt' | 'revokedAt'>,
  { validUntil }: Pick<KeySecret, 'validUntil'>,
  now: number,
): boolean {
  return keyStateOf(key, now) === 'active' && (validUntil === null || validUntil > now)
}

/** The new secret is valid at once, the one before it until `graceUntil`, and any older one no longer. */
export function rotate(key: GatewayKey, secret: KeySecret, graceUntil: number): GatewayKey {
  const last = key.secrets.slice(0, 1).map((before) => ({ ...before, validUntil: graceUntil }))
  return { ...key, secrets: [secret, ...last] }
}

const settingNames = [
  'scopes',
  'allow',
  'allowUpstreams',
  'allowModels',
  'monthlyBudgetMicros',
  'requestsPerMinute',
  'maxInFlight',
  'expiresAt',
] as const

/** What can be changed of a key. */
export type KeySettings = Pick<GatewayKey, (typeof settingNames)[number]>

/** The key itself if nothing differs. The order of a list makes no difference. */
export function withSettings(key: GatewayKey, change: Partial<KeySettings>): GatewayKey {
  const changed: GatewayKey = { ...key, ...change }
  return settingNames.every((name) => isSame(key[name], changed[name])) ? key : changed
}

type Setting = readonly string[] | number | null

function isSame(a: Setting, b: Setting): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  return a.length === b.length && a.every((each) => b.includes(each))
}

/** Permanent. Revoking a revoked key changes nothing. */
export function revoke(key: GatewayKey, now: number): GatewayKey {
  return key.revokedAt === null ? { ...key, revokedAt: now } : key
}

export function clientOfKey(key: GatewayKey): Client {
  return {
    keyId: key.id,
    key: key.name,
    tenant: key.tenant,
    scopes: key.scopes,
    allow: key.allow,
    allowUpstreams: key.allowUpstreams,
    allowModels: key.allowModels,
    monthlyBudgetMicros: key.monthlyBudgetMicros,
    requestsPerMinute: key.requestsPerMinute,
    maxInFlight: key.maxInFlight,
    webhookUrl: null,
  }
}

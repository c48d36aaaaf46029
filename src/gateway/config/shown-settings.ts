import type { Json } from '../domain/json.ts'
import { isRecord } from './data.ts'
import type { FileSettings } from './schema/schema.ts'
import type { Secrets } from './settings.ts'

export type ShownSettings = { [key: string]: Json }

/** What stands for a secret, whatever its length. */
export const mask = '********'

/** Settings whose value is a secret, or which are maps or lists of secrets. */
export const secretSettings: ReadonlySet<string> = new Set([
  'key',
  'api_key',
  'access_key',
  'secret_key',
  'session_token',
  'webhook_secret',
  'webhook_secrets',
  'headers',
])

/** Shorter ones would mask words that have nothing to do with them. */
const leastLength = 6

/**
 * The settings in the words of the file, with their defaults, as they may be shown to who administers: without secrets, also
 * where one was put by mistake, and without what URLs carry beside host and path.
 */
export function shownSettings(settings: FileSettings, secrets: Secrets): ShownSettings {
  const known = [...stringsIn(secrets)].filter((text) => text.length >= leastLength)
  return mapOf(settings, (text) => {
    const plain = withoutCredentials(text)
    return known.some((secret) => plain.includes(secret)) ? mask : plain
  })
}

function mapOf(map: Record<string, unknown>, show: (text: string) => string): ShownSettings {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]): Array<[string, Json]> => {
      if (value === undefined) return []
      // A name may be a secret that was put in the wrong place.
      return [[show(key), secretSettings.has(key) ? masked(value) : shown(value, show)]]
    }),
  )
}

function shown(value: unknown, show: (text: string) => string): Json {
  if (typeof value === 'string') return show(value)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map((each: unknown) => shown(each, show))
  return isRecord(value) ? mapOf(value, show) : null
}

/** Says whether and how many there are. */
function masked(value: unknown): Json {
  if (Array.isArray(value)) return value.map(() => mask)
  if (isRecord(value)) return Object.fromEntries(Object.keys(value).map((key) => [key, mask]))
  return value === null ? null : mask
}

function withoutCredentials(text: string): string {
  const url = /^(https?|postgres(ql)?):/i.test(text) ? URL.parse(text) : null
  if (url === null || (url.username === '' && url.password === '' && url.search === '')) return text
  const query = url.search === '' ? '' : `?${mask}`
  return `${url.protocol}//${url.host}${url.pathname}${query}`
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (value instanceof Map) for (const each of value.values()) yield* stringsIn(each)
  else if (Array.isArray(value)) for (const each of value) yield* stringsIn(each)
  else if (isRecord(value))
    for (const [key, each] of Object.entries(value)) if (key !== 'name') yield* stringsIn(each)
}

import { hash } from 'node:crypto'
import { inspect } from 'node:util'
import type { Config } from './settings.ts'

/** Twelve hex digits that change when a setting does. Secrets are no part of them. */
export function digestOf(config: Config): string {
  return digest(config)
}

/** The same of what every node of one database should have alike. Where each listens and connects to is its own. */
export function sharedDigestOf({ clients, upstreams, routing, retention, fetch, media }: Config): string {
  const { retentionDays, maxBytes, s3 } = media
  const bucket = s3 === null ? null : { name: s3.bucket, prefix: s3.prefix }
  return digest({ clients, upstreams, routing, retention, fetch, media: { retentionDays, maxBytes, bucket } })
}

function digest(of: object): string {
  const text = inspect(of, { depth: null, maxArrayLength: null, maxStringLength: null, sorted: true })
  return hash('sha256', text, 'hex').slice(0, 12)
}

import type { Outline } from '../document/outline.ts'
import { serverOnly } from '../schema/storage.ts'
import type { Findings } from './findings.ts'
import { fault } from './findings.ts'

/** What the embedded database, one file of one process, has no use for. */
export function checkStorage({ storage, server }: Outline, findings: Findings): void {
  const { tls_mode: mode = 'verify', tls_ca: ca } = storage
  if (mode !== 'verify' && ca !== undefined)
    fault(findings, ['storage', 'tls_ca'], `is not used with \`tls_mode: ${mode}\`; remove one of them`)
  if (storage.url?.startsWith('sqlite:') !== true) return
  for (const key of serverOnly) {
    if (storage[key] === undefined) continue
    const message = 'is for PostgreSQL; remove it, or set storage.url to a postgres:// URL'
    fault(findings, ['storage', key], message)
  }
  if (server?.role === undefined || server.role === 'all') return
  const message = `\`${server.role}\` needs a database that several processes share; use \`all\`, or set storage.url to a postgres:// URL`
  fault(findings, ['server', 'role'], message)
}

import type { Outline } from '../document/outline.ts'
import type { Path } from '../document/config-problem.ts'
import { didYouMean } from '../../domain/near-word.ts'
import type { Findings } from './findings.ts'
import { fault, warn, checkRepeats } from './findings.ts'

export function checkKeys({ auth: { keys }, upstreams }: Outline, findings: Findings): void {
  checkRepeats(
    keys.map((key) => key.name),
    (index) => ['auth', 'keys', index, 'name'],
    'is already the name of',
    findings,
  )
  checkRepeats(
    keys.map((key) => key.key),
    (index) => ['auth', 'keys', index, 'key'],
    'is the same secret as that of',
    findings,
  )
  const ids = upstreams.map(({ id }) => id)
  const models = upstreams.map((upstream) => upstream.models && Object.keys(upstream.models))
  for (const [index, key] of keys.entries()) {
    const path = ['auth', 'keys', index]
    checkNames(findings, {
      names: key.upstreams,
      known: ids,
      path: [...path, 'upstreams'],
      message: 'is not an upstream in this file',
    })
    checkNames(findings, {
      names: key.models,
      known: models.flatMap((served) => served ?? [undefined]),
      path: [...path, 'models'],
      message: 'no upstream serves this model',
    })
  }
  const kinds = upstreams.map(({ kind }) => kind)
  for (const [index, { scopes, allow }] of keys.entries()) {
    if (allow === undefined || kinds.includes(undefined) || scopes?.includes('generate') !== true) continue
    if (!allow.some((kind) => kinds.includes(kind))) {
      const message = 'matches no configured upstream; this key cannot generate'
      warn(findings, ['auth', 'keys', index, 'allow'], message)
    }
  }
}

interface NamesCheck {
  names: readonly string[] | null | undefined
  /** Undefined where a defined name cannot be read. */
  known: ReadonlyArray<string | undefined>
  path: Path
  message: string
}

/** An unknown name is a mistake, unless one of the defined names cannot be read: then it is undecided. */
function checkNames(findings: Findings, { names, known, path, message }: NamesCheck): void {
  if (names == null || known.length === 0 || known.includes(undefined)) return
  const all = known.filter((name) => name !== undefined)
  for (const [index, name] of names.entries()) {
    if (!all.includes(name)) fault(findings, [...path, index], `${message}${didYouMean(name, all)}`)
  }
}

/** Secrets belong to the tenant, so one at another key of the same tenant will do. */
export function checkWebhooks({ auth: { keys } }: Outline, findings: Findings): void {
  const signing = new Set(
    keys.flatMap(({ name, tenant = name, webhook_secrets: secrets }) =>
      secrets === undefined ? [] : [tenant],
    ),
  )
  for (const [index, { name, tenant = name, webhook_url: url }] of keys.entries()) {
    if (url === undefined || signing.has(tenant)) continue
    const message =
      'has no webhook_secrets; requests with this key are refused until its tenant creates one with POST /webhook-secrets'
    warn(findings, ['auth', 'keys', index, 'webhook_url'], message)
  }
}

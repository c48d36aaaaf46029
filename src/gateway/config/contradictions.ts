import * as z from 'zod'
import type { Outline, OutlineUpstream } from './document/outline.ts'
import type { Fault, Path } from './document/config-problem.ts'
import { formatPath } from './document/config-problem.ts'
import { faultOfPriceKey, isUnsold } from './price-keys.ts'
import type { KnownDialects } from './settings.ts'
import { didYouMean } from '../domain/near-word.ts'
import { orList } from './document/wording.ts'

interface Findings {
  faults: Fault[]
  warnings: Fault[]
}

/** The rules that span fields. Each looks only at fields that are right by themselves. */
export function findContradictions(outline: Outline, dialects: KnownDialects): Findings {
  const findings: Findings = { faults: [], warnings: [] }
  checkKeys(outline, findings)
  checkWebhooks(outline, findings)
  checkRouting(outline, findings)
  checkRepeats(
    outline.upstreams.map(({ id }) => id),
    (index) => ['upstreams', index, 'id'],
    'is already the id of',
    findings,
  )
  for (const [index, upstream] of outline.upstreams.entries()) {
    const path = ['upstreams', index]
    checkDialect(upstream, path, dialects, findings)
    checkSources(upstream, path, dialects, findings)
    checkCharacters(upstream, path, findings)
    checkPrice(upstream, path, findings)
    checkTimes(upstream, path, findings)
    if (upstream.api_key === undefined && (upstream.kind === 'official' || upstream.kind === 'reverse')) {
      warn(findings, path, 'has no api_key; it will be called without one')
    }
  }
  return findings
}

function fault(findings: Findings, path: Path, message: string, at: Fault['at'] = 'value'): void {
  findings.faults.push({ path, message, at })
}

function warn(findings: Findings, path: Path, message: string): void {
  findings.warnings.push({ path, message, at: 'value' })
}

function checkRepeats(
  values: ReadonlyArray<string | undefined>,
  pathOf: (index: number) => Path,
  message: string,
  findings: Findings,
): void {
  for (const [index, value] of values.entries()) {
    const first = value === undefined ? index : values.indexOf(value)
    if (first < index) fault(findings, pathOf(index), `${message} ${formatPath(pathOf(first).slice(0, -1))}`)
  }
}

function checkKeys({ auth: { keys }, upstreams }: Outline, findings: Findings): void {
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
    checkNames(key.upstreams, ids, [...path, 'upstreams'], 'is not an upstream in this file', findings)
    checkNames(
      key.models,
      models.flatMap((served) => served ?? [undefined]),
      [...path, 'models'],
      'no upstream serves this model',
      findings,
    )
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

/** A name that nothing has is a slip; where one of those that there are cannot be read, nobody can tell. */
function checkNames(
  names: readonly string[] | null | undefined,
  known: ReadonlyArray<string | undefined>,
  path: Path,
  message: string,
  findings: Findings,
): void {
  if (names == null || known.length === 0 || known.includes(undefined)) return
  const all = known.filter((name) => name !== undefined)
  for (const [index, name] of names.entries()) {
    if (!all.includes(name)) fault(findings, [...path, index], `${message}${didYouMean(name, all)}`)
  }
}

/** Secrets belong to the tenant, so one at another key of the same tenant will do. */
function checkWebhooks({ auth: { keys } }: Outline, findings: Findings): void {
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

function checkRouting({ routing, upstreams }: Outline, findings: Findings): void {
  const maps = upstreams.map(({ models }) => models)
  if (routing?.model === undefined || maps.includes(undefined)) return
  const served = [...new Set(maps.flatMap((models) => Object.keys(models ?? {})))]
  if (served.length === 0 || served.includes(routing.model)) return
  const hint = didYouMean(routing.model, served) || `; they serve ${served.slice(0, 8).join(', ')}`
  fault(findings, ['routing', 'model'], `no upstream serves this model${hint}`)
}

function checkDialect(
  { dialect, profile, traits, characters }: OutlineUpstream,
  path: Path,
  dialects: KnownDialects,
  findings: Findings,
): void {
  if (dialect === undefined) return
  if (typeof dialect !== 'string') {
    const message = 'applies only to named dialects; move it to the description, or remove it'
    if (profile !== undefined) fault(findings, [...path, 'profile'], message)
    if (Object.keys(traits ?? {}).length > 0) fault(findings, [...path, 'traits'], message)
    if (characters === 'inline' && !describedWithClips.safeParse(dialect).success)
      fault(
        findings,
        [...path, 'characters'],
        'is inline, but the description has no `create.inline_characters`',
      )
    return
  }
  const known = Object.hasOwn(dialects, dialect) ? dialects[dialect] : undefined
  if (known === undefined) {
    const names = Object.keys(dialects)
    fault(
      findings,
      [...path, 'dialect'],
      `unknown dialect; supported: ${orList(names)}${didYouMean(dialect, names)}`,
    )
    return
  }
  const { profiles } = known
  if (known.traits === undefined && Object.keys(traits ?? {}).length > 0)
    fault(findings, [...path, 'traits'], `the dialect ${dialect} has no traits; remove it`)
  if (profile === undefined || profiles.includes(profile)) {
    const keeps = known.keepsCharacters?.(profile ?? profiles[0] ?? '', traits ?? {}) ?? true
    if (characters === 'native' && !keeps) fault(findings, [...path, 'characters'], keepsNone)
    const takes = known.takesClips?.(profile ?? profiles[0] ?? '', traits ?? {}) ?? true
    if (characters === 'inline' && !takes) fault(findings, [...path, 'characters'], takesNone)
    return
  }
  const message =
    profiles.length === 0
      ? `the dialect ${dialect} has no profiles; remove it`
      : `unknown profile of ${dialect}; supported: ${orList(profiles)}${didYouMean(profile, profiles)}`
  fault(findings, [...path, 'profile'], message)
}

/** Of what is configured: what an upstream is by default fits its profile. */
function checkSources(
  { dialect, profile, traits, source_videos: configured }: OutlineUpstream,
  path: Path,
  dialects: KnownDialects,
  findings: Findings,
): void {
  if (configured === undefined || configured === 'none' || dialect === undefined) return
  const known =
    typeof dialect === 'string' && Object.hasOwn(dialects, dialect) ? dialects[dialect] : undefined
  if (typeof dialect === 'string' && known === undefined) return
  const calls =
    known === undefined ? 'none' : known.sources?.(profile ?? known.profiles[0] ?? '', traits ?? {})
  const at = [...path, 'source_videos']
  if (calls === 'none')
    fault(findings, at, `is ${configured}, but this protocol cannot start from a video; set it to none`)
  else if (calls === 'remix' && configured === 'any')
    fault(findings, at, 'is any, but servers of this profile only remix their own videos; set it to own')
}

const keepsNone = 'is native, but this profile does not store characters; set it to reference or none'
const takesNone = 'is inline, but a create cannot carry a clip; set it to native, reference or none'
const describedWithClips = z.object({ create: z.object({ inline_characters: z.number().min(1) }) })

function checkCharacters(upstream: OutlineUpstream, path: Path, findings: Findings): void {
  const { characters, references, max_characters: most } = upstream
  if (characters === 'none' && most !== undefined) {
    const message =
      'is set, but `characters` is none; set it to native, inline or reference, or remove this key'
    fault(findings, [...path, 'max_characters'], message)
  }
  if (
    upstream.character_clip_seconds !== undefined &&
    (characters === 'none' || characters === 'reference')
  ) {
    const message =
      'is set, but no character is created from a clip; set `characters` to native or inline, or remove this key'
    fault(findings, [...path, 'character_clip_seconds'], message)
  }
  if (characters === 'reference' && references?.includes('video') === false) {
    const message = 'reference requires an upstream that accepts one; add video to `references`'
    fault(findings, [...path, 'characters'], message)
  }
}

function checkPrice({ price, sizes }: OutlineUpstream, path: Path, findings: Findings): void {
  for (const key of Object.keys(price?.per_second_usd ?? {})) {
    const at = [...path, 'price', 'per_second_usd', key]
    const message = faultOfPriceKey(key)
    if (message !== null) fault(findings, at, message, 'key')
    else if (sizes != null && isUnsold(key, sizes))
      warn(findings, at, 'is a price for a size that is not in `sizes`')
  }
}

function checkTimes({ poll, timeouts }: OutlineUpstream, path: Path, findings: Findings): void {
  if (timeouts === undefined) return
  const attempt = timeouts.attempt_seconds
  const stall = timeouts.stall_seconds ?? Math.min(300, attempt)
  if (stall > attempt) {
    const message = `is longer than attempt_seconds (${attempt}), which ends the attempt first`
    fault(findings, [...path, 'timeouts', 'stall_seconds'], message)
  }
  for (const key of ['first_after_seconds', 'every_seconds'] as const) {
    if ((poll?.[key] ?? 0) > stall) {
      const message = `is longer than stall_seconds (${stall}): a job would be given up between two polls`
      fault(findings, [...path, 'poll', key], message)
    }
  }
}

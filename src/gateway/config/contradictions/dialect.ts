import * as z from 'zod'
import type { OutlineUpstream } from '../document/outline.ts'
import type { Path } from '../document/config-problem.ts'
import type { KnownDialects } from '../settings.ts'
import { didYouMean } from '../../domain/near-word.ts'
import { orList } from '../document/wording.ts'
import type { Findings } from './findings.ts'
import { fault } from './findings.ts'

export function checkDialect(
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
export function checkSources(
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

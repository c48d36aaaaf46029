import type { OutlineUpstream } from '../document/outline.ts'
import type { Path } from '../document/config-problem.ts'
import { faultOfPriceKey, isUnsold } from '../prices.ts'
import type { Findings } from './findings.ts'
import { fault, warn } from './findings.ts'

export function checkCharacters(upstream: OutlineUpstream, path: Path, findings: Findings): void {
  const { characters, references, max_characters: most } = upstream
  if (characters === 'none' && most !== undefined) {
    const message =
      'is set, but `characters` is none; set it to native, inline, stills or reference, or remove this key'
    fault(findings, [...path, 'max_characters'], message)
  }
  if (
    upstream.character_clip_seconds !== undefined &&
    (characters === 'none' || characters === 'reference' || characters === 'stills')
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

export function checkPrice({ price, sizes }: OutlineUpstream, path: Path, findings: Findings): void {
  for (const key of Object.keys(price?.per_second_usd ?? {})) {
    const at = [...path, 'price', 'per_second_usd', key]
    const message = faultOfPriceKey(key)
    if (message !== null) fault(findings, at, message, 'key')
    else if (sizes != null && isUnsold(key, sizes))
      warn(findings, at, 'is a price for a size that is not in `sizes`')
  }
}

export function checkTimes({ poll, timeouts }: OutlineUpstream, path: Path, findings: Findings): void {
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

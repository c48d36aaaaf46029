import type { Outline } from './document/outline.ts'
import type { InlineDialects, KnownDialects } from './settings.ts'
import { didYouMean } from '../domain/near-word.ts'
import type { Findings } from './contradictions/findings.ts'
import { fault, warn, checkRepeats } from './contradictions/findings.ts'
import { checkBaseUrl } from './contradictions/base-url.ts'
import { checkKeys, checkWebhooks } from './contradictions/keys.ts'
import { checkMedia } from './contradictions/media.ts'
import { checkStorage } from './contradictions/storage.ts'
import { checkDialect, checkSources } from './contradictions/dialect.ts'
import { checkCharacters, checkPrice, checkTimes } from './contradictions/upstream.ts'

/** The rules that span fields. Each looks only at fields that are right by themselves. */
export function findContradictions(
  outline: Outline,
  dialects: KnownDialects,
  inline?: InlineDialects,
): Findings {
  const findings: Findings = { faults: [], warnings: [] }
  checkStorage(outline, findings)
  checkMedia(outline, findings)
  checkKeys(outline, findings)
  checkWebhooks(outline, findings)
  checkRouting(outline, findings)
  checkTraces(outline, findings)
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
    checkBaseUrl(upstream, path, { known: dialects, inline }, findings)
    const isKeyless = upstream.api_key === undefined && upstream.access_key === undefined
    if (isKeyless && (upstream.kind === 'official' || upstream.kind === 'reverse')) {
      warn(findings, path, 'has no api_key; it will be called without one')
    }
  }
  return findings
}

function checkTraces({ traces, upstreams }: Outline, findings: Findings): void {
  const ids = upstreams.flatMap(({ id }) => id ?? [])
  for (const [index, id] of (traces?.propagate_to_upstreams ?? []).entries()) {
    if (ids.includes(id)) continue
    const path = ['traces', 'propagate_to_upstreams', index]
    fault(findings, path, `no upstream has this id${didYouMean(id, ids)}`)
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

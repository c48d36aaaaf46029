import type { Client } from '../../domain/accounts/client.ts'
import { linkRater, mostRaters } from '../../domain/characters/comparison.ts'
import type { Comparison } from '../../domain/characters/comparison.ts'
import { isComparisonId } from '../../domain/ids.ts'
import type { ComparisonId, GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { FrameGallery } from '../../ports/media/frame-gallery.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { Actor } from '../accounts/audit-entry.ts'
import type {
  ComparisonInput,
  ComparisonService,
  ComparisonView,
  ScoreInput,
  SheetPictures,
} from './comparisons.ts'
import { listComparisons, viewOfComparison } from './comparison-views.ts'
import type { ComparisonViewsDeps } from './comparison-views.ts'
import { contactSheetOf } from './contact-sheet.ts'
import type { IdempotencyInput } from '../generations/generations.ts'
import { orBusy } from '../media/or-busy.ts'
import type { Once, OnceOnly } from '../once-only.ts'
import { planComparison, previewComparison } from './plan-comparison.ts'
import type { PlanComparisonDeps } from './plan-comparison.ts'
import { removeComparison } from './remove-comparison.ts'
import type { RemoveComparisonDeps } from './remove-comparison.ts'

export type ComparisonServiceDeps = PlanComparisonDeps &
  ComparisonViewsDeps &
  RemoveComparisonDeps & { gallery: FrameGallery; onceOnly: OnceOnly; authority: KeyAuthority }

const mostTries = 10

export function createComparisonService(deps: ComparisonServiceDeps): ComparisonService {
  const { comparisons, gallery, sheetLinks, clock } = deps

  const viewOf = (comparison: Comparison, rater: string | null): Promise<ComparisonView> =>
    viewOfComparison(deps, comparison, rater)

  const own = (client: Client, id: ComparisonId): Promise<Comparison> => ownComparison(deps, client, id)

  async function shared(token: string): Promise<Comparison> {
    const link = sheetLinks.verify(token, clock.now())
    const stored = link && (await comparisons.get(link.id))
    // A link is valid only while the key that created the comparison is valid.
    const isAlive =
      stored?.comparison.linkRound === link?.round &&
      stored !== null &&
      (await deps.authority.status(stored.comparison.client)).type === 'active'
    if (!isAlive) throw new Problem('not_found', 'This link is not valid or has expired. Request a new one.')
    return stored.comparison
  }

  async function picturesOf(comparison: Comparison): Promise<SheetPictures> {
    const strips = new Map<GenerationId, Uint8Array>()
    for (const { generationId, mediaId } of comparison.cells) {
      const strip = mediaId && (await gallery.strip(mediaId))
      if (strip !== null) strips.set(generationId, strip.bytes)
    }
    const source = await gallery.strip(comparison.character.clip)
    return { view: await viewOf(comparison, null), source: source && source.bytes, strips }
  }

  const draw = async (one: Comparison): Promise<Uint8Array> => {
    const { comparison, scores } = await viewOf(one, null)
    return gallery.draw(contactSheetOf(comparison, scores))
  }

  const score = async (actor: Actor, comparison: Comparison, rater: string, scores: ScoreInput[]) => {
    checkCells(comparison, scores)
    const at = clock.now()
    const said = { rater, videos: scores.length }
    const outcome = await comparisons.putScores(
      comparison.id,
      scores.map((given) => ({ ...given, rater, at })),
      mostRaters,
      auditEntry(deps, { actor, action: 'comparison.scored', subject: comparison.id, data: said }),
    )
    if (outcome === 'too_many') {
      const most = rater.startsWith(linkRater) ? mostRaters.byLink : mostRaters.byKey
      throw new Problem('conflict', `The limit of ${most} raters is reached.`)
    }
  }

  return {
    create: (client, input, idempotency) => createOnce(deps, { client, input, idempotency }),
    preview: (client, input) => previewComparison(deps, client, input),
    get: async (client, id) => viewOf(await own(client, id), client.key),
    list: (client, query) => listComparisons(deps, client, query),
    async score(client, id, rater, scores) {
      if (rater.startsWith(linkRater)) throw reservedRater()
      const comparison = await own(client, id)
      await score(client, comparison, rater, scores)
      return viewOf(comparison, client.key)
    },
    remove: async (client, id, open) => removeComparison(deps, client, await own(client, id), open),
    endLinks: (client, id) => endLinks(deps, client, id),
    sheet: async (client, id) => orBusy(picturesOf(await own(client, id))),
    sheetPng: async (client, id) => orBusy(draw(await own(client, id))),
    sharedSheet: async (token) => orBusy(picturesOf(await shared(token))),
    sharedSheetPng: async (token) => orBusy(draw(await shared(token))),
    async scoreShared(token, rater, scores, origin) {
      const comparison = await shared(token)
      await score({ tenant: comparison.tenant, origin }, comparison, `${linkRater}${rater}`, scores)
    },
  }
}

function checkCells({ cells }: Comparison, scores: ScoreInput[]): void {
  for (const [index, { generationId }] of scores.entries()) {
    const cell = cells.find((each) => each.generationId === generationId)
    if (cell?.state === 'delivered') continue
    const detail = cell === undefined ? 'is not a video of this comparison' : 'has no video to score'
    const pointer = `/scores/${index}/generation_id`
    throw new Problem('validation_failed', `scores.${index}.generation_id ${detail}.`, {
      faults: [{ pointer, detail }],
    })
  }
}

/** Tries again where a worker wrote in between; it writes only while videos are under way. */
async function endLinks(deps: ComparisonServiceDeps, client: Client, id: ComparisonId): Promise<void> {
  const audit = auditEntry(deps, { actor: client, action: 'comparison.links_ended', subject: id })
  for (let tries = 0; tries < mostTries; tries++) {
    await ownComparison(deps, client, id)
    const stored = await deps.comparisons.get(id)
    if (stored === null) throw notFound()
    const { comparison, version } = stored
    const next = { ...comparison, linkRound: comparison.linkRound + 1 }
    if ((await deps.comparisons.save(next, version, audit)) === 'saved') return
  }
  throw new Problem('overloaded', 'The comparison is being changed. Try again.')
}

async function ownComparison(
  { comparisons }: ComparisonServiceDeps,
  client: Client,
  id: ComparisonId,
): Promise<Comparison> {
  const stored = await comparisons.get(id)
  if (stored?.comparison.tenant !== client.tenant) throw notFound()
  return stored.comparison
}

function createOnce(
  deps: ComparisonServiceDeps,
  asked: { client: Client; input: ComparisonInput; idempotency: IdempotencyInput | null },
): Promise<Once<ComparisonView>> {
  const { comparisons, ids, onceOnly } = deps
  const { client, input, idempotency } = asked
  return onceOnly.run({
    tenant: client.tenant,
    idempotency,
    newId: () => ids.comparison(),
    isId: isComparisonId,
    async find(id) {
      const stored = await comparisons.get(id)
      return stored === null ? null : viewOfComparison(deps, stored.comparison, client.key)
    },
    async make(id, call) {
      const comparison = await planComparison(deps, client, input, id)
      const { character, upstreams, maxCostMicros } = comparison
      const said = { character: character.name, upstreams, max_cost_micros: maxCostMicros }
      await comparisons.insert(comparison, {
        ...auditEntry(deps, { actor: client, action: 'comparison.created', subject: id, data: said }),
        call,
      })
      return viewOfComparison(deps, comparison, client.key)
    },
  })
}

function reservedRater(): Problem {
  const detail = `must not start with ${linkRater}`
  return new Problem('validation_failed', `rater ${detail}.`, { faults: [{ pointer: '/rater', detail }] })
}

function notFound(): Problem {
  const detail = 'The comparison does not exist, or belongs to another tenant.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}

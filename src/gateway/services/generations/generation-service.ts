import type { Client } from '../../domain/accounts/client.ts'
import { isTerminal } from '../../domain/generation/liveness.ts'
import type { Generation, VideoAsset } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import { inputMediaOf } from '../../domain/generation/request.ts'
import type { EventBus } from '../../ports/event-bus.ts'
import type { DownloadLinks } from '../../ports/media/download-links.ts'
import type { GenerationSearch } from '../../ports/generations/generation-search.ts'
import type { GenerationHistory } from '../../ports/generations/generation-history.ts'
import type { GenerationStore, Stored } from '../../ports/generations/generation-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import { awaitChange } from '../await-change.ts'
import { cancelGeneration } from './cancels/cancel-generation.ts'
import { cancelMany } from './cancels/cancel-many.ts'
import { followLog } from '../follow-log.ts'
import type { GenerationService } from './generations.ts'
import { knownBefore } from '../requests/keep-media.ts'
import { previewRoute } from '../requests/preview-route.ts'
import { resubmitGeneration } from './resubmits/resubmit-generation.ts'
import type { ResubmitDeps } from './resubmits/resubmit-generation.ts'
import { sharedReads } from './shared-reads.ts'
import { resolveRequest } from '../requests/resolve-request.ts'
import { createSubmitGeneration } from './submit-generation.ts'
import type { SubmitGenerationDeps } from './submit-generation.ts'
import { noSuchGeneration } from './within-reach.ts'

export type GenerationServiceDeps = SubmitGenerationDeps &
  ResubmitDeps & {
    store: GenerationHistory & GenerationSearch
    bus: EventBus
    downloads: DownloadLinks | null
  }

export function createGenerationService(deps: GenerationServiceDeps): GenerationService {
  const { store, bus, archive, downloads } = deps
  const own = (client: Pick<Client, 'tenant'>, id: GenerationId): Promise<Stored> =>
    ownGeneration(store, client, id)
  const together = readTogether(store)

  return {
    submit: createSubmitGeneration(deps),
    plan: async (client, input) =>
      previewRoute(deps, client, await resolveRequest(deps, client, input), knownBefore(input)),
    get: async (client, id) => (await own(client, id)).generation,
    startOf: (generation) => deps.starts.of(generation),
    async wait(client, id, waitMs, signal) {
      const until = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(waitMs)))])
      using change = awaitChange(bus, id)
      for (;;) {
        const { generation } = await ownGeneration(together, client, id)
        if (isTerminal(generation) || until.aborted) return generation
        await change.next(until)
      }
    },
    cancel: async (client, id) => (await cancelGeneration(deps, client, id)).generation,
    cancelMany: (client, asked) => cancelMany(deps, client, asked),
    resubmit: (client, id, input) => resubmitGeneration(deps, client, id, input),
    async remove(client, id) {
      const { generation } = await own(client, id)
      if (!isTerminal(generation)) {
        throw new Problem('conflict', 'This generation is in progress. Cancel it before you delete it.')
      }
      // An upstream may still charge for a job that nobody waits for; its cost would be lost with the record.
      if (generation.dueAt !== null) {
        throw new Problem(
          'conflict',
          'The outcome of a job of this generation is not known yet. Try again later.',
        )
      }
      // Files first: if the process dies in between, the record still names them, and the call can be repeated.
      if (generation.video !== null) await archive.remove(generation.video.mediaId)
      for (const mediaId of inputMediaOf(generation.request)) await archive.remove(mediaId)
      await store.remove(id, auditEntry(deps, { actor: client, action: 'generation.deleted', subject: id }))
    },
    events: (client, id, afterSeq, signal) =>
      followLog({
        bus,
        id,
        afterSeq,
        hasEnded: async () => isTerminal((await ownGeneration(together, client, id)).generation),
        entriesAfter: (seq, limit) => together.events(id, seq, limit),
        signal,
      }),
    async history(client, id, afterSeq, limit) {
      await own(client, id)
      const records = await store.events(id, afterSeq, limit + 1)
      return { records: records.slice(0, limit), hasMore: records.length > limit }
    },
    async video(client, id) {
      const asset = assetOf((await own(client, id)).generation)
      if ((await archive.size(asset.mediaId)) === null) {
        throw new Problem('video_gone', 'The video was removed from the archive.')
      }
      const { contentType, bytes } = asset
      const link =
        downloads && ((fileName: string) => downloads.linkTo(asset.mediaId, { contentType, fileName }))
      return {
        asset,
        media: { contentType, bytes, read: (range) => archive.read(asset.mediaId, range) },
        link,
      }
    },
    async thumbnail(client, id) {
      const asset = assetOf((await own(client, id)).generation)
      const thumbnail = await archive.thumbnail(asset.mediaId).catch((cause: unknown) => {
        throw new Problem('overloaded', 'The image could not be created. Try again.', { cause })
      })
      if (thumbnail === null) throw new Problem('video_gone', 'This video has no thumbnail.')
      return { ...thumbnail, etag: `${asset.sha256}-thumbnail` }
    },
  }
}

/** Nobody here changes what is read: a change begins with a read of its own. */
async function ownGeneration(
  store: Pick<GenerationStore, 'current'>,
  client: Pick<Client, 'tenant'>,
  id: GenerationId,
): Promise<Stored> {
  const stored = await store.current(id)
  if (stored === null || stored.generation.tenant !== client.tenant) throw noSuchGeneration()
  return stored
}

/** For many readers of one generation, who are all woken by the same change. */
function readTogether(
  store: Pick<GenerationServiceDeps['store'], 'events'> & Pick<GenerationStore, 'current'>,
) {
  return {
    current: sharedReads((id: GenerationId) => store.current(id)),
    events: sharedReads((id: GenerationId, afterSeq: number, limit: number) =>
      store.events(id, afterSeq, limit),
    ),
  }
}

function assetOf(generation: Generation): VideoAsset {
  const { video, status } = generation
  if (video !== null) return video
  if (isTerminal(generation)) {
    throw new Problem('not_found', `This generation has no video: its status is ${status}.`)
  }
  throw new Problem(
    'video_not_ready',
    `The video is not ready: the generation is ${status}. Try again later.`,
  )
}

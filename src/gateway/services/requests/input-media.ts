import type { Client } from '../../domain/accounts/client.ts'
import { mostInputBytes, usualRole } from '../../domain/inputs/request-inputs.ts'
import type { InputMedia, InputReference, RequestInputs } from '../../domain/inputs/request-inputs.ts'
import { noInputs } from '../../domain/inputs/route-inputs.ts'
import type { RouteInputs } from '../../domain/inputs/route-inputs.ts'
import type { GenerationId, MediaId } from '../../domain/ids.ts'
import type { MediaKind } from '../../domain/media-kind.ts'
import { Problem } from '../../domain/problem.ts'
import type { Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import { storageFull } from '../media/media-intake.ts'
import type { MediaIntake } from '../media/media-intake.ts'
import type { AskedInputs, AskedMedia, AskedReference } from '../generations/generations.ts'

interface Deps {
  store: Pick<GenerationStore, 'get'>
  intake: MediaIntake
  archive: MediaArchive
  ids: Ids
}

/** At a time, so that sixteen slow servers do not take sixteen deadlines one after the other. */
const fetchesAtATime = 4

/** What routing can know of inputs before their files are here. */
export function routeInputsAsked(asked: AskedInputs | undefined): RouteInputs {
  if (asked === undefined) return noInputs
  const { firstFrame, lastFrame, references = [], settings } = asked
  const stored = firstFrame?.type === 'stored' ? firstFrame.stored.info : null
  return {
    firstFrame: firstFrame !== undefined,
    lastFrame: lastFrame !== undefined,
    references: references.map((each) => {
      const kind = kindOf(each)
      const seconds = kind === 'video' && each.type === 'stored' ? each.stored.info.durationSeconds : null
      return {
        kind,
        role: each.role ?? usualRole(kind),
        ...(seconds !== null && { durationSeconds: seconds }),
      }
    }),
    settings,
    frameProportion: stored === null ? null : stored.width / stored.height,
  }
}

function kindOf(asked: AskedMedia): MediaKind {
  switch (asked.type) {
    case 'url':
      return asked.kind
    case 'stored':
      return asked.stored.info.kind
    case 'generation':
      return 'video'
  }
}

/** That the generations named as references have a video, before anything is fetched. */
export async function checkInputs(
  { store }: Pick<Deps, 'store'>,
  client: Client,
  asked: AskedInputs | undefined,
): Promise<void> {
  for (const each of asked?.references ?? [])
    if (each.type === 'generation') await videoOf(store, client, each.id, each.pointer)
}

async function videoOf(
  store: Deps['store'],
  client: Client,
  id: GenerationId,
  pointer: string,
): Promise<Omit<InputMedia, 'kind'>> {
  const generation = (await store.get(id))?.generation
  if (generation?.tenant !== client.tenant) {
    const detail = 'does not exist, or belongs to another tenant'
    throw new Problem('generation_not_found', `The generation ${id} does not exist.`, {
      faults: [{ pointer, detail }],
    })
  }
  const { video } = generation
  if (video === null || video.expiredAt !== null) throw noVideo(pointer)
  const { mediaId, contentType, width, height, durationSeconds } = video
  return { mediaId, contentType, width, height, durationSeconds }
}

function noVideo(pointer: string): Problem {
  const detail = 'has no video: name a generation that is completed and whose video has not expired'
  return new Problem('validation_failed', `A generation in references ${detail}.`, {
    faults: [{ pointer, detail }],
  })
}

export interface KeptInputs {
  inputs: RequestInputs
  /** Takes back what was fetched and copied; uploads belong to whoever brought them. */
  discard(): Promise<void>
}

/** The inputs of a request in the archive: uploads are there, URLs are fetched and videos of generations copied now. */
export async function keepInputs(
  deps: Deps,
  client: Client,
  asked: AskedInputs | undefined,
): Promise<KeptInputs> {
  if (asked === undefined) return { inputs: {}, discard: async () => undefined }
  const { firstFrame, lastFrame, references = [], settings } = asked
  const own: MediaId[] = []
  const discard = async (): Promise<void> => {
    for (const mediaId of own) await deps.intake.discard(mediaId)
  }
  const keep = async (each: AskedMedia): Promise<InputMedia> => {
    const kept = await keepOne(deps, client, each)
    if (each.type !== 'stored') own.push(kept.mediaId)
    return kept
  }
  try {
    const first = firstFrame && (await keep(firstFrame))
    const last = lastFrame && (await keep(lastFrame))
    const kept = await keepReferences(references, keep)
    const inputs = {
      ...settings,
      ...(first !== undefined && { firstFrame: first }),
      ...(last !== undefined && { lastFrame: last }),
      ...(kept.length > 0 && { references: kept }),
    }
    return { inputs, discard }
  } catch (error) {
    await discard()
    throw error
  }
}

async function keepReferences(
  references: readonly AskedReference[],
  keep: (asked: AskedReference) => Promise<InputMedia>,
): Promise<InputReference[]> {
  const one = async (asked: AskedReference): Promise<InputReference> => {
    const media = await keep(asked)
    const generationId = asked.type === 'generation' ? asked.id : null
    return { ...media, role: asked.role ?? usualRole(media.kind), name: asked.name, generationId }
  }
  const kept: InputReference[] = []
  for (let at = 0; at < references.length; at += fetchesAtATime) {
    // All of them end before one that failed is told: what they stored is taken back then.
    const settled = await Promise.allSettled(references.slice(at, at + fetchesAtATime).map(one))
    const failed = settled.find((each) => each.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    kept.push(...settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])))
  }
  return kept
}

async function keepOne(deps: Deps, client: Client, asked: AskedMedia): Promise<InputMedia> {
  const { pointer } = asked
  if (asked.type === 'generation') {
    const video = await videoOf(deps.store, client, asked.id, pointer)
    const mediaId = deps.ids.media()
    const outcome = await deps.archive.copy(video.mediaId, mediaId)
    if (outcome === 'no_space') throw storageFull()
    if (outcome === 'missing') throw noVideo(pointer)
    return { ...video, kind: 'video', mediaId }
  }
  const { mediaId, info } =
    asked.type === 'stored'
      ? asked.stored
      : await deps.intake.fromUrl(asked.url, [asked.kind], pointer, mostInputBytes[asked.kind])
  const { kind, contentType, width, height, durationSeconds, bytes } = info
  if (bytes > mostInputBytes[kind]) {
    const detail = `is a file of ${bytes} bytes; at most ${mostInputBytes[kind]} are allowed`
    throw new Problem('payload_too_large', `An input ${detail}.`, { faults: [{ pointer, detail }] })
  }
  return { mediaId, kind, contentType, width, height, durationSeconds }
}

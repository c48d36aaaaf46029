import type { CharacterOutcome } from '../domain/outcome.ts'
import type { CharacterRequest, CreateRequest } from '../ports/upstream.ts'
import { timestampsOf } from './clip-span.ts'
import type { Unsupported } from './dialect.ts'
import { operationSchema } from './openai-videos-job.ts'
import type { Traits } from './openai-videos-traits.ts'

const fromJob = 'job:'

/** Nothing is made: the handle only says whether a finished job or the clip is shown with every create. */
export function inlineCharacter({ fromJob: job }: CharacterRequest): CharacterOutcome {
  const source = operationSchema.safeParse(job).data
  const handle = source === undefined ? 'clip' : `${fromJob}${source.id}`
  return { type: 'ready', handle, operation: null }
}

/** `character_from_task`, or `character_url` and `character_timestamps` (reverse-dialects.md §6.2): one character, no more. */
export function inlineFields(
  request: CreateRequest,
  traits: Traits,
): { type: 'fields'; fields: Record<string, string> } | Unsupported {
  const [handle, ...others] = traits.characters === 'inline' ? request.characterHandles : []
  if (handle === undefined) return { type: 'fields', fields: {} }
  if (others.length > 0) return { type: 'unsupported', message: 'this server takes one character at a time' }
  if (handle.startsWith(fromJob))
    return { type: 'fields', fields: { character_from_task: handle.slice(fromJob.length) } }
  const clip = request.characterClips?.[0]
  if (clip == null) return { type: 'unsupported', message: 'the clip of the character is missing' }
  const timestamps = timestampsOf(clip.seconds, traits.character_seconds)
  return {
    type: 'fields',
    fields: { character_url: clip.media.url, character_timestamps: timestamps },
  }
}

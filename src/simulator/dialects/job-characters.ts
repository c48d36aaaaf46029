import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SimulatedCharacter } from '../clips/character-book.ts'
import { sendNotFound } from '../dialect.ts'
import type { VendorContext } from '../dialect.ts'
import { hex } from '../ids.ts'
import { takeCharacter } from '../jobs/accept-create.ts'
import type { Form } from './openai-videos/form.ts'
import { toSeconds } from './openai-videos/video-object.ts'
import { readCharacterClip } from './resellers/reseller-characters.ts'

/** The models with which tu-zi, kfcv50 and dyuapi create characters (docs/vendors/resellers.md#characters-by-job). */
const models = ['sora-2-character', 'sora-2-pro-character', 'character-training']

export const isCharacterJob = (form: Form) => models.some((model) => model === form.fields['model'])

/**
 * A character by a job (docs/vendors/resellers.md#characters-by-job): the create is answered immediately, and its poll
 * says when it is ready.
 */
export async function createCharacterJob(
  context: VendorContext,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { fields } = form
  const clip = await readCharacterClip(
    context,
    fields['character_url'] ?? fields['url'],
    fields['character_from_task'] ?? fields['from_task'],
    fields['character_timestamps'] ?? fields['timestamps'],
  )
  const wanted = clip.ok ? { ...clip, value: { ...clip.value, id: `char_${hex(8)}` } } : clip
  const character = takeCharacter(context, wanted, { request, reply, takesTime: true })
  return character === null ? reply : reply.send(describe(context, character))
}

/** The response to polling such a job; null if the id is not that of a character. */
export function pollCharacterJob(
  context: VendorContext,
  id: string,
  reply: FastifyReply,
): FastifyReply | null {
  const { characters, upstream } = context.vendor
  const character = characters.find(id)
  if (character === undefined) return null
  characters.poll(character)
  const isHidden = character.state === 'pending' && upstream.characterPending !== 'null_handle'
  if (isHidden) return sendNotFound(reply, context, id)
  return reply.send(describe(context, character))
}

/** Whether such a create has returned this id. */
export const isCharacterId = (context: VendorContext, id: string) =>
  context.vendor.characters.find(id)?.id === id

const statuses = { pending: 'queued', ready: 'completed', failed: 'failed' }

function describe({ vendor }: VendorContext, character: SimulatedCharacter) {
  const isReady = character.state === 'ready'
  return {
    id: character.id,
    object: 'character',
    model: 'sora-2-character',
    status: statuses[character.state],
    progress: character.state === 'pending' ? 0 : 100,
    username: isReady ? character.handle : null,
    permalink: isReady ? `https://sora.example/profile/${character.handle}` : null,
    profile_picture_url: isReady ? `https://files.example/${character.id}.webp` : null,
    created_at:
      vendor.upstream.timestamps === 'milliseconds' ? character.createdAt : toSeconds(character.createdAt),
    error: character.failure,
  }
}

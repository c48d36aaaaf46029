import type { FastifyInstance } from 'fastify'
import { isMp4, mp4Seconds } from '../../clips/clip-facts.ts'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { guarded, idOf, sendError } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { hex } from '../../ids.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { readForm } from './form.ts'
import type { Form } from './form.ts'
import { toSeconds } from './video-object.ts'

/**
 * docs/vendors/openai-videos.md#characters: created immediately from a clip of 2 to 4 seconds; there is neither a list
 * nor a delete.
 */
export function serveOpenaiCharacters(app: FastifyInstance, context: VendorContext): void {
  app.post('/videos/characters', guarded(context, 'character_create'), async (request, reply) => {
    const form = await readForm(request)
    const wanted = form === null ? invalidRequest('The body must be multipart.') : await readCharacter(form)
    const character = takeCharacter(context, wanted, { request, reply, takesTime: false })
    return character === null ? reply : reply.send(describe(character))
  })

  app.get('/videos/characters/:id', guarded(context, 'character_read'), (request, reply) => {
    const character = context.vendor.characters.find(idOf(request))
    if (character !== undefined) return reply.send(describe(character))
    const message = `Character with id '${idOf(request)}' not found.`
    return sendError(reply, context, invalidRequest(message, { status: 404 }).error)
  })
}

const describe = ({ id, name, createdAt }: SimulatedCharacter) => ({
  id,
  name,
  created_at: toSeconds(createdAt),
})

async function readCharacter(form: Form): Promise<Verdict<WantedCharacter>> {
  const name = form.fields['name']
  if (typeof name !== 'string' || name.length < 1 || name.length > 80)
    return invalidRequest("Invalid 'name': expected 1 to 80 characters.", {
      code: 'invalid_value',
      param: 'name',
    })
  const video = form.files.get('video')
  if (video === undefined || video.filename === '') return invalidType('video', 'a file')
  const seconds = isMp4(video.bytes) ? await mp4Seconds(video.bytes) : null
  if (seconds === null) return invalidRequest('Invalid video file.', { param: 'video' })
  // Half a second of tolerance: containers round, and real clips are cut at key frames.
  if (seconds < 1.5 || seconds > 4.5)
    return invalidRequest('The video must be 2 to 4 seconds long.', { code: 'invalid_value', param: 'video' })
  return accepted({ id: `char_${hex(8)}`, name, source: { type: 'upload', bytes: video.bytes.length } })
}

import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { readSpan } from '../../clips/clip-span.ts'
import { guarded } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { fetchClip } from '../../clips/fetch-media.ts'
import { handleOf, hex } from '../../ids.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { jobUnknown, unfetchable } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'

const body = z.object({
  model: z.unknown().optional(),
  url: z.unknown().optional(),
  from_task: z.unknown().optional(),
  timestamps: z.unknown().optional(),
})

/**
 * `POST /sora/v1/characters` (docs/vendors/resellers.md#characters-at-once): created immediately, from a URL or a
 * finished task of the same vendor. There is neither a list nor a delete.
 */
export function serveSyncCharacters(
  app: FastifyInstance,
  context: VendorContext,
  usualModel: NonNullable<SimulatedUpstream['characterModel']>,
): void {
  const { characterModel = usualModel } = context.vendor.upstream
  app.post('/sora/v1/characters', guarded(context, 'character_create'), async (request, reply) => {
    const fields = body.safeParse(request.body).data ?? {}
    const problem = modelProblem(fields.model, characterModel)
    const wanted =
      problem ?? (await readCharacterClip(context, fields.url, fields.from_task, fields.timestamps))
    const character = takeCharacter(context, wanted, { request, reply, takesTime: false })
    return character === null ? reply : reply.send(describe(character))
  })
}

/**
 * One vendor requires it; another routes by it and finds no channel
 * (docs/vendors/failure-modes.md#model-field-of-a-character-call).
 */
function modelProblem(model: unknown, rule: NonNullable<SimulatedUpstream['characterModel']>) {
  if (rule === 'required' && model !== 'sora-2-character')
    return invalidRequest('model is required', { code: 'invalid_parameter', param: 'model' })
  if (rule === 'forbidden' && model !== undefined)
    return invalidRequest('channel not found', { kind: 'no_channel', status: 404 })
  return null
}

/** A clip by URL or by task, with a span of one to three seconds, for the calls that create characters. */
export async function readCharacterClip(
  { vendor, closing }: VendorContext,
  url: unknown,
  task: unknown,
  timestamps: unknown,
): Promise<Verdict<WantedCharacter>> {
  const rules = { param: 'timestamps', min: 1, max: 3, byDefault: null }
  if ((url === undefined) === (task === undefined))
    return invalidRequest('Exactly one of url and from_task is required.', { param: 'url' })
  const made = (source: SimulatedCharacter['source'], seconds: number | null): Verdict<WantedCharacter> => {
    const span = readSpan(timestamps, rules, seconds)
    if (!span.ok) return span
    return accepted({
      id: `ch_${hex(8)}`,
      handle: handleOf('cameo'),
      name: 'cameo',
      source,
      span: span.value,
    })
  }
  if (typeof url === 'string') {
    const clip = await fetchClip(url, closing)
    return clip === null ? unfetchable('url') : made({ type: 'url', url }, clip.seconds)
  }
  const job = typeof task === 'string' ? vendor.jobs.find(task) : undefined
  if (job === undefined) return { ok: false, error: jobUnknown(String(task)) }
  if (job.end?.failure !== null) return invalidRequest('The task is not completed.', { param: 'from_task' })
  return made({ type: 'job', id: job.id }, job.order.seconds)
}

function describe({ id, handle, name }: SimulatedCharacter) {
  return {
    id,
    username: handle,
    display_name: name,
    permalink: `https://sora.example/profile/${handle}`,
    profile_picture_url: `https://files.example/${id}.webp?expires=1790600000`,
  }
}

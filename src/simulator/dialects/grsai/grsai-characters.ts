import type { FastifyInstance } from 'fastify'
import { readSpan } from '../../clips/clip-span.ts'
import { guarded } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { fetchClip } from '../../clips/fetch-media.ts'
import { handleOf, hex, uuid } from '../../ids.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { jobUnknown, unfetchable } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'

const rules = { param: 'timestamps', min: 0.5, max: 3, byDefault: '0,3' }

/** Jobs that end with a `character_id` of the form `name.name` (docs/vendors/job-apis.md#grsai). */
export function serveGrsaiCharacters(app: FastifyInstance, context: VendorContext): void {
  const operation = guarded(context, 'character_create')
  app.post('/v1/video/sora-upload-character', operation, async (request, reply) => {
    const wanted = await readUpload(fieldsOf(request.body), context)
    const character = takeCharacter(context, wanted, { request, reply, takesTime: true })
    return character === null
      ? reply
      : reply.send({ code: 0, msg: 'success', data: { id: character.taskId } })
  })
  app.post('/v1/video/sora-create-character', operation, (request, reply) => {
    const wanted = readVideo(fieldsOf(request.body), context)
    const character = takeCharacter(context, wanted, { request, reply, takesTime: true })
    return character === null
      ? reply
      : reply.send({ code: 0, msg: 'success', data: { id: character.taskId } })
  })
}

async function readUpload(
  fields: Record<string, unknown>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  const { url = fields['base64'], timestamps } = fields
  if (typeof url !== 'string') return invalidRequest('url is required', { param: 'url' })
  const clip = await fetchClip(url, closing)
  if (clip === null) return unfetchable('url')
  const span = readSpan(timestamps, rules, clip.seconds)
  if (!span.ok) return span
  const isAddress = /^https?:/.test(url)
  const source = isAddress ? { type: 'url' as const, url } : { type: 'upload' as const, bytes: clip.bytes }
  return accepted({ ...newCharacter(), source, span: span.value })
}

function readVideo(fields: Record<string, unknown>, { vendor }: VendorContext): Verdict<WantedCharacter> {
  const pid = String(fields['pid'])
  const job = vendor.jobs.findByToken(pid.replace(/^s_/, ''))
  if (job === undefined || job.end?.failure !== null) return { ok: false, error: jobUnknown(pid) }
  const span = readSpan(fields['timestamps'], rules, job.order.seconds)
  if (!span.ok) return span
  return accepted({ ...newCharacter(), source: { type: 'job', id: job.id }, span: span.value })
}

const newCharacter = () => ({
  id: `char_${hex(8)}`,
  handle: handleOf('cameo'),
  name: 'cameo',
  taskId: uuid(),
})

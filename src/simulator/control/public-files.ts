import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { clipProblem } from '../clips/clip.ts'
import type { ClipStore } from '../clips/clip-store.ts'
import { sendVideo } from '../jobs/content.ts'
import type { VendorContext } from '../dialect.ts'
import type { Job } from '../jobs/job.ts'

type FilesMode = 'open' | 'guarded' | 'signed'

/** The result URL of a finished job. It always has an expiry and a signature, but only object stores check them. */
export function signedUrl(base: string, job: Job, lifetimeSeconds: number): string {
  const expires = Math.floor((job.end?.at ?? 0) / 1000 + lifetimeSeconds)
  return `${base}/files/${job.token}.mp4?expires=${expires}&signature=${signatureOf(job)}`
}

const signatureOf = (job: Job) => job.token.slice(0, 12)

const filePath = z.object({ file: z.string().regex(/^[0-9a-f]{32}\.mp4$/) })
const viaRedirect = z.object({ via: z.literal('redirect') })
const signed = z.object({ expires: z.string(), signature: z.string() })

/**
 * `GET /files/<token>.mp4`: counts as content of its upstream, and is subject to its content faults. Object stores
 * reject a signed URL that is requested with other credentials (docs/vendors/resellers.md#downloads-and-keys).
 */
export function serveFinishedVideos(
  app: FastifyInstance,
  contexts: readonly VendorContext[],
  mode: FilesMode,
): void {
  const ownerOf = (request: FastifyRequest): { context: VendorContext; job: Job } | null => {
    const token = filePath.safeParse(request.params).data?.file.slice(0, 32) ?? ''
    for (const context of contexts) {
      const job = context.vendor.jobs.findByToken(token)
      if (job !== undefined) return { context, job }
    }
    return null
  }
  const onRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const owner = ownerOf(request)
    const isTarget = viaRedirect.safeParse(request.query).success
    if (owner === null || isTarget) {
      done()
      return
    }
    const { context, job } = owner
    const apiKey = mode === 'guarded' ? context.vendor.upstream.apiKey : null
    const place = { apiKey, jobId: job.id, fileUrl: `${context.fileUrl(job)}?via=redirect` }
    if (!context.gate.before('content', request, reply, place)) done()
  }
  const onSend = async (request: FastifyRequest, _reply: FastifyReply, payload: unknown) => {
    await ownerOf(request)?.context.gate.holdBack(request)
    return payload
  }
  app.get('/files/:file', { onRequest, onSend }, async (request, reply) => {
    const owner = ownerOf(request)
    if (owner === null) return sendXml(reply, 404, 'NoSuchKey')
    const { context, job } = owner
    if (mode === 'signed') {
      if (request.headers.authorization !== undefined) return sendXml(reply, 400, 'InvalidArgument')
      const query = signed.safeParse(request.query).data
      if (query?.signature !== signatureOf(job)) return sendXml(reply, 403, 'SignatureDoesNotMatch')
    }
    if (job.end === null || job.end.failure !== null) return sendXml(reply, 404, 'NoSuchKey')
    if (context.vendor.jobs.isExpired(job)) return sendXml(reply, 403, 'AccessDenied')
    return sendVideo(reply, context, job)
  })
}

/** Object stores return errors as XML. */
function sendXml(reply: FastifyReply, status: number, code: string): FastifyReply {
  return reply.status(status).type('application/xml').send(`<Error><Code>${code}</Code></Error>`)
}

const clipPath = z.object({ clip: z.string().regex(/^[\w-]{1,64}\.mp4$/) })
const clipQuery = z.object({
  seconds: z.coerce.number().default(3),
  size: z
    .string()
    .regex(/^\d{2,4}x\d{2,4}$/)
    .default('1280x720'),
})

/** `GET /clips/<any name>.mp4?seconds=3&size=1280x720`: every name looks different. */
export function serveSampleClips(app: FastifyInstance, clips: ClipStore): void {
  app.get('/clips/:clip', { exposeHeadRoute: true }, async (request, reply) => {
    const path = clipPath.safeParse(request.params)
    if (!path.success) return reply.status(404).send({ error: { message: 'A clip is called like fox.mp4.' } })
    const query = clipQuery.safeParse(request.query)
    if (!query.success) return reply.status(400).send({ error: { message: z.prettifyError(query.error) } })
    const [width = 0, height = 0] = query.data.size.split('x').map(Number)
    const wanted = { seconds: query.data.seconds, width, height, seed: path.data.clip, label: path.data.clip }
    const problem = clipProblem(wanted)
    if (problem !== null) return reply.status(400).send({ error: { message: problem } })
    return reply.type('video/mp4').send(await clips.get(wanted))
  })
}

import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { webhookTarget } from './control.ts'
import type { SimulatorControl } from './control.ts'
import { idOf } from '../dialect.ts'
import { faultSchema } from '../faults/fault.ts'
import type { SimulatedUpstream } from '../simulated-upstream.ts'
import { SimulatorError } from '../simulator-error.ts'

const faultList = z.array(faultSchema).max(100)
const failBody = z.object({ code: z.string().min(1).max(64).default('processing_error') })
const rendersQuery = z.object({ upstream: z.string().optional() })

/** `/control/…`: SimulatorControl as JSON for other processes. Needs no key, because the server listens on loopback. */
export function serveControl(
  app: FastifyInstance,
  control: SimulatorControl,
  upstreams: readonly SimulatedUpstream[],
  baseUrl: (upstreamId: string) => string,
): void {
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error))

  app.get('/upstreams', () => ({
    upstreams: upstreams.map(({ id, kind, dialect, profile, models, price, chargedOn }) => {
      const sold = { id, kind, dialect, profile, models, price, chargedOn }
      return { ...sold, baseUrl: baseUrl(id), faults: control.faults(id) }
    }),
  }))
  app.get('/renders', (request) => ({ renders: control.renders(rendersQuery.parse(request.query).upstream) }))
  app.get('/requests', () => ({ requests: control.requests() }))
  app.get('/bill', () => control.bill())
  app.get('/characters', () => ({ characters: control.characters() }))
  app.get('/webhooks', () => ({ webhooks: control.webhooks() }))

  app.post('/characters/:id/revoke', (request, reply) => {
    control.revokeCharacter(idOf(request))
    return reply.status(204).send()
  })
  app.post('/jobs/:id/finish', (request, reply) => {
    control.finish(idOf(request))
    return reply.status(204).send()
  })
  app.post('/jobs/:id/fail', (request, reply) => {
    control.failJob(idOf(request), failBody.parse(request.body ?? {}).code)
    return reply.status(204).send()
  })
  app.post('/reset', (_request, reply) => {
    control.reset()
    return reply.status(204).send()
  })
  app.put('/upstreams/:id/webhook', (request, reply) => {
    control.setWebhook(idOf(request), webhookTarget.parse(request.body))
    return reply.status(204).send()
  })
  app.delete('/upstreams/:id/webhook', (request, reply) => {
    control.setWebhook(idOf(request), null)
    return reply.status(204).send()
  })
  serveFaults(app, control)
}

function serveFaults(app: FastifyInstance, control: SimulatorControl): void {
  const path = '/upstreams/:id/faults'
  app.get(path, (request) => ({ faults: control.faults(idOf(request)) }))
  app.put(path, (request) => {
    control.setFaults(idOf(request), faultList.parse(request.body))
    return { faults: control.faults(idOf(request)) }
  })
  app.post(path, (request) => {
    control.addFault(idOf(request), faultSchema.parse(request.body))
    return { faults: control.faults(idOf(request)) }
  })
  app.delete(path, (request, reply) => {
    control.clearFaults(idOf(request))
    return reply.status(204).send()
  })
}

const clientError = z.object({ statusCode: z.int().min(400).max(499), message: z.string() })

function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const send = (status: number, code: string, message: string) =>
    reply.status(status).send({ error: { code, message } })
  if (error instanceof z.ZodError) return send(400, 'body_invalid', z.prettifyError(error))
  const isSimulatorError = error instanceof SimulatorError
  if (isSimulatorError && error.code.endsWith('_unknown')) return send(404, error.code, error.message)
  if (isSimulatorError) return send(error.code === 'job_ended' ? 409 : 400, error.code, error.message)
  const known = clientError.safeParse(error)
  if (known.success) return send(known.data.statusCode, 'body_invalid', known.data.message)
  return send(500, 'internal', String(error))
}

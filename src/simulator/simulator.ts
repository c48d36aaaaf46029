import { randomUUID } from 'node:crypto'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { createClipStore } from './clip-store.ts'
import { createControl } from './control.ts'
import type { SimulatorControl } from './control.ts'
import { serveControl } from './control-routes.ts'
import { sendError } from './dialect.ts'
import type { Desk } from './dialect.ts'
import { createGate } from './gate.ts'
import type { Clock } from './job-book.ts'
import { serveOpenaiVideos } from './openai-videos.ts'
import { servePublicFiles } from './public-files.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import { SimulatorError } from './simulator-error.ts'
import { serveSoraTasks } from './sora-tasks.ts'
import { invalidRequest } from './vendor-error.ts'
import { createVendor } from './vendor.ts'

export type { SimulatedUpstream }

export interface Simulator {
  /** `http://127.0.0.1:PORT`, under which files, clips and the control API are. */
  origin: string
  /** What a client of this upstream is configured with, ending in `/v1`. @throws SimulatorError `upstream_unknown` */
  baseUrl(upstreamId: string): string
  control: SimulatorControl
  /** Cuts every connection, hanging ones too. */
  close(): Promise<void>
}

/** A reference clip or a data URL of official-api.md §2.1 fits. */
const largestBody = 64 * 1024 * 1024

/**
 * Starts every upstream on one port.
 * @param options.port 0, the default, takes a free one
 * @param options.clock what render times, expiry and timestamps go by; `slow` and `drip` go by real time
 * @throws SimulatorError `upstream_invalid` for an id that is used twice or is no path segment
 */
export async function startSimulator(options: {
  upstreams: readonly SimulatedUpstream[]
  host?: string
  port?: number
  clock?: Clock
}): Promise<Simulator> {
  const { upstreams, host = '127.0.0.1', port = 0, clock = Date } = options
  const closing = new AbortController()
  const clips = createClipStore()
  const app = Fastify({
    bodyLimit: largestBody,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  })
  await app.register(multipart, { limits: { fileSize: largestBody, files: 4 } })

  let origin = ''
  const desks = new Map<string, Desk>()
  for (const upstream of upstreams) {
    if (!/^[a-z0-9-]+$/.test(upstream.id) || desks.has(upstream.id))
      throw new SimulatorError('upstream_invalid', `'${upstream.id}' is used twice or is no path segment`)
    const vendor = createVendor(upstream, clock)
    const gate = createGate(vendor, closing.signal)
    const fileUrl: Desk['fileUrl'] = (job) => `${origin}/files/${job.token}.mp4`
    desks.set(upstream.id, { vendor, gate, clips, fileUrl, closing: closing.signal })
  }
  const vendors = new Map([...desks].map(([id, desk]) => [id, desk.vendor]))
  const control = createControl(vendors)
  const baseUrl = (id: string) => {
    if (!desks.has(id)) throw new SimulatorError('upstream_unknown', `no upstream is called ${id}`)
    return `${origin}/up/${id}/v1`
  }

  for (const [id, desk] of desks) mount(app, `/up/${id}/v1`, (scope) => serveUpstream(scope, desk))
  mount(app, '/control', (scope) => serveControl(scope, control, upstreams, baseUrl))
  servePublicFiles(app, [...desks.values()], clips)
  origin = await app.listen({ host, port })

  return {
    origin,
    baseUrl,
    control,
    async close() {
      closing.abort()
      await app.close()
    },
  }
}

function mount(app: FastifyInstance, prefix: string, serve: (scope: FastifyInstance) => void): void {
  const plugin = (scope: FastifyInstance, _options: object, done: () => void) => {
    serve(scope)
    done()
  }
  void app.register(plugin, { prefix })
}

const clientError = z.object({ statusCode: z.int().min(400).max(499), message: z.string() })

function serveUpstream(app: FastifyInstance, desk: Desk): void {
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('x-request-id', `req_${randomUUID().replaceAll('-', '')}`)
  })
  // reverse-dialects.md §0.1: what a host says about a path that it does not serve (any more).
  app.setNotFoundHandler((request, reply) => {
    const message = `Invalid URL (${request.method} ${request.url.replace(/^\/up\/[^/]+/, '')})`
    return sendError(reply, invalidRequest(message, { status: 404 }).error)
  })
  app.setErrorHandler((error, _request, reply) => {
    const known = clientError.safeParse(error)
    if (known.success)
      return sendError(reply, invalidRequest(known.data.message, { status: known.data.statusCode }).error)
    return sendError(reply, {
      status: 500,
      type: 'server_error',
      code: null,
      param: null,
      message: String(error),
    })
  })
  if (desk.vendor.upstream.dialect === 'openai-videos') serveOpenaiVideos(app, desk)
  else serveSoraTasks(app, desk)
}

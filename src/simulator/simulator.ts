import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { createClipStore } from './clips/clip-store.ts'
import { createControl } from './control/control.ts'
import type { SimulatorControl } from './control/control.ts'
import { serveControl } from './control/control-routes.ts'
import type { VendorContext } from './dialect.ts'
import { dialects } from './dialects/registry.ts'
import { createGate } from './gate.ts'
import { lifetime } from './jobs/job-book.ts'
import type { Clock } from './jobs/job-book.ts'
import { mountPath } from './mount-path.ts'
import { serveFinishedVideos, serveSampleClips, signedUrl } from './control/public-files.ts'
import { serveUpstream } from './serve-upstream.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import { SimulatorError } from './simulator-error.ts'
import { createVendor } from './jobs/vendor.ts'
import type { SimulatedCall } from './jobs/vendor.ts'

export type { SimulatedCall, SimulatedUpstream }

export interface Simulator {
  /** `http://127.0.0.1:PORT`, the origin of files, clips and the control API. */
  origin: string
  /** The base URL for clients of this upstream. @throws SimulatorError `upstream_unknown` */
  baseUrl(upstreamId: string): string
  /** The upstream's host, to which the paths of its documentation are relative. @throws SimulatorError `upstream_unknown` */
  hostUrl(upstreamId: string): string
  control: SimulatorControl
  /** Closes all connections, including stalled ones. */
  close(): Promise<void>
}

/** Large enough for a reference clip or a data URL of docs/vendors/openai-videos.md#create-a-video. */
const largestBody = 64 * 1024 * 1024

/**
 * Starts all upstreams on one port. The files of upstreams with `files: 'signed'`, if any, are on a second, free port.
 * @param options.port the default, 0, selects a free port
 * @param options.clock the time for renders, expiry and timestamps; `slow`, `drip` and webhooks use real time
 * @param options.onCall told of every request of a client to an upstream, when it arrives and whatever its response will be
 * @throws SimulatorError `upstream_invalid` for a repeated id, or one that is not a path segment
 */
export async function startSimulator(options: {
  upstreams: readonly SimulatedUpstream[]
  host?: string
  port?: number
  clock?: Clock
  onCall?: (call: SimulatedCall) => void
}): Promise<Simulator> {
  const { upstreams, host = '127.0.0.1', port = 0, clock = Date, onCall } = options
  const closing = new AbortController()
  const clips = createClipStore()
  const app = createServer()
  await app.register(multipart, { limits: { fileSize: largestBody, files: 4 } })
  const store = createServer()

  const origins = { own: '', store: '' }
  const contexts = new Map<string, VendorContext>()
  let signs = false
  for (const upstream of upstreams) {
    if (!/^[a-z0-9-]+$/.test(upstream.id) || contexts.has(upstream.id))
      throw new SimulatorError('upstream_invalid', `'${upstream.id}' is used twice or is no path segment`)
    const dialect = dialects[upstream.dialect]
    const speech = dialect.speech(upstream)
    const vendor = createVendor(upstream, speech, clock, closing.signal, onCall)
    const gate = createGate(vendor, closing.signal)
    const hostUrl = () => `${origins.own}${mountPath(upstream.id)}`
    const fileHost = { open: () => origins.own, guarded: hostUrl, signed: () => origins.store }
    const mode = dialect.files(upstream)
    signs ||= mode === 'signed'
    contexts.set(upstream.id, {
      vendor,
      gate,
      clips,
      get host() {
        return hostUrl()
      },
      fileUrl: (job) => `${origins.own}/files/${job.token}.mp4`,
      resultUrl: (job) => signedUrl(fileHost[mode](), job, lifetime(upstream)),
      closing: closing.signal,
    })
  }
  const contextOf = (id: string) => {
    const context = contexts.get(id)
    if (context === undefined) throw new SimulatorError('upstream_unknown', `no upstream is called ${id}`)
    return context
  }
  const baseUrl = (id: string) => {
    const { host: hostUrl, vendor } = contextOf(id)
    return `${hostUrl}${dialects[vendor.upstream.dialect].basePath(vendor.upstream)}`
  }
  const control = createControl(new Map([...contexts].map(([id, context]) => [id, context.vendor])))

  for (const [id, context] of contexts) mount(app, mountPath(id), (scope) => serveUpstream(scope, context))
  mount(app, '/control', (scope) => serveControl(scope, control, upstreams, baseUrl))
  serveFinishedVideos(app, [...contexts.values()], 'open')
  serveSampleClips(app, clips)
  origins.own = await app.listen({ host, port })
  serveFinishedVideos(store, [...contexts.values()], 'signed')
  if (signs) origins.store = await store.listen({ host, port: 0 })

  return {
    origin: origins.own,
    baseUrl,
    hostUrl: (id) => contextOf(id).host,
    control,
    async close() {
      closing.abort()
      await Promise.all([app.close(), store.close()])
    },
  }
}

function createServer(): FastifyInstance {
  const app = Fastify({
    bodyLimit: largestBody,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // As most vendors' servers: Fastify's 72 s would have the gateway keep a connection of each busy moment for over a minute.
    keepAliveTimeout: 5000,
    routerOptions: { maxParamLength: 500 },
  })
  // Some clients name a type for a body that they do not send, as Runway's for a delete.
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, body, done)
  })
  return app
}

function mount(app: FastifyInstance, prefix: string, serve: (scope: FastifyInstance) => void): void {
  const plugin = (scope: FastifyInstance, _options: object, done: () => void) => {
    serve(scope)
    done()
  }
  void app.register(plugin, { prefix })
}

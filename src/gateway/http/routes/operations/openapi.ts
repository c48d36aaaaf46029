import type { FastifyInstance } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../../../domain/problem.ts'
import { answerProblem } from '../../answers/answer-problem.ts'
import { loadDocsAssets, sendAsset, toAsset } from '../../answers/docs-assets.ts'
import type { Asset } from '../../answers/docs-assets.ts'
import { requestId } from '../../request-id.ts'
import { answerUnmatched } from '../../unmatched.ts'

const refused = z.object({ statusCode: z.int().min(400) })

/** The plugin's default policy upgrades every link to https, which a gateway on plain http does not serve. */
const staticCSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'"

/** Made at the first call for it; after a failure, at the next one again. */
function lazily<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined
  return async () => {
    made ??= make()
    try {
      return await made
    } catch (error) {
      made = undefined
      throw error
    }
  }
}

/** `/openapi.json`, and `/docs` to read it in a browser. Whatever is large is made once: no key is needed to ask for it. */
export const openApiRoutes: FastifyPluginAsyncZod = async (app) => {
  let pages: FastifyInstance | undefined
  const json = lazily(async () => {
    const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
    return toAsset('application/json; charset=utf-8', Buffer.from(text))
  })
  const yaml = lazily(async () => toAsset('application/x-yaml', Buffer.from(app.swagger({ yaml: true }))))
  const files = lazily(loadDocsAssets)
  const docs = lazily(async () => (pages = await buildDocs(app)))

  async function assetAt(url: string): Promise<Asset | undefined> {
    const [, path = ''] = /^\/docs\/((?:static\/)?[\w.-]+)(?:\?|$)/.exec(url) ?? []
    if (path === 'json') return json()
    if (path === 'yaml') return yaml()
    return path.startsWith('static/') ? (await files()).get(path.slice('static/'.length)) : undefined
  }

  app.get('/openapi.json', {
    config: { access: 'public' },
    schema: { hide: true },
    handler: async (request, reply) => sendAsset(await json(), request, reply),
  })

  for (const url of ['/docs', '/docs/*']) {
    app.get(url, {
      config: { access: 'public' },
      schema: { hide: true },
      handler: async (request, reply) => {
        const asset = await assetAt(request.url)
        if (asset !== undefined) return sendAsset(asset, request, reply)
        const made = await docs()
        reply.hijack()
        request.raw.headers['x-request-id'] = request.id
        reply.raw.setHeader('x-request-id', request.id)
        made.routing(request.raw, reply.raw)
      },
    })
  }

  app.addHook('onClose', async () => pages?.close())
}

/** Paths that lead out of the folder of pages are as absent as those that lead nowhere in it. */
function absent(error: unknown): unknown {
  const { success, data } = refused.safeParse(error)
  return success && data.statusCode < 500
    ? new Problem('not_found', 'This path does not exist. See /docs for all operations.')
    : error
}

/**
 * The pages live in a server of their own that is made on first use: loading and registering them takes 200 ms, a fifth of
 * what start-up may take.
 */
async function buildDocs(app: FastifyInstance): Promise<FastifyInstance> {
  const [{ fastify }, { fastifySwagger }, { fastifySwaggerUi }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ])
  const docs = fastify({ logger: false, genReqId: requestId })
  docs.setErrorHandler((error, request, reply) => answerProblem(absent(error), request, reply))
  docs.setNotFoundHandler((request, reply) => answerProblem(absent({ statusCode: 404 }), request, reply))
  answerUnmatched(docs)
  await docs.register(fastifySwagger, {
    openapi: { openapi: '3.1.0' },
    transformObject: () => app.swagger(),
  })
  await docs.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP })
  await docs.ready()
  return docs
}

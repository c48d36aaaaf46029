import type { FastifyInstance } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../../../domain/problem.ts'
import type { ComparisonService, ScoreInput } from '../../../services/comparisons/comparisons.ts'
import { originOf } from '../../access.ts'
import { generationId, text } from '../../schemas/fields.ts'
import { sendSheetPage } from '../../answers/sheets/comparison-page.ts'
import { parse, validationFailed } from '../../requests/validation.ts'

const params = z.object({ token: z.string().regex(/^[\w.~-]{1,1024}$/) })
/** Of one link: pages, pictures and scores together. */
const requestsPerMinute = 60

const rater = text(80, z.string().trim().min(1))
const points = z.coerce.number().min(0).max(100)
const opinion = z.object({ face: points, clothing: points, style: points })

/** Fields are `<generation>.<what>`; a video of which nothing was said is left out. */
function readScores(form: URLSearchParams): ScoreInput[] {
  const given = new Map<string, Record<string, string>>()
  for (const [name, value] of form) {
    const [id = '', what] = name.split('.')
    if (what === undefined || value.trim() === '') continue
    given.set(id, { ...given.get(id), [what]: value })
  }
  return [...given].map(([id, values]) => {
    const pointer = `/${id.slice(0, 60)}`
    return { generationId: parse(generationId, id, pointer), ...parse(opinion, values, pointer) }
  })
}

function takeForms(app: FastifyInstance): void {
  app.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 256 * 1024 },
    (_request, body, done) => done(null, new URLSearchParams(body)),
  )
}

/** Contact sheets behind signed links, for people's browsers. No key; not part of the public document. */
export const sheetsRoutes: FastifyPluginAsyncZod<{ comparisons: ComparisonService }> = async (
  app,
  { comparisons },
) => {
  takeForms(app)
  const perLink = app.createRateLimit({
    timeWindow: 60_000,
    max: requestsPerMinute,
    keyGenerator: ({ params: asked }) => params.parse(asked).token,
  })
  app.addHook('preHandler', async (request, reply) => {
    const counted = await perLink(request)
    if (counted.isAllowed || !counted.isExceeded) return
    reply.header('retry-after', counted.ttlInSeconds)
    throw new Problem('rate_limited', `The limit of this link is ${requestsPerMinute} requests per minute.`)
  })

  app.get('/sheets/:token', {
    config: { access: 'public' },
    exposeHeadRoute: false,
    schema: { hide: true, params },
    async handler(request, reply) {
      const { token } = request.params
      // Relative, so that the page works with every address of the gateway.
      const addresses = { scores: `${token}/scores`, png: `${token}/sheet.png`, origin: '' }
      return sendSheetPage(reply, await comparisons.sharedSheet(token), addresses)
    },
  })

  app.get('/sheets/:token/sheet.png', {
    config: { access: 'public' },
    exposeHeadRoute: false,
    schema: { hide: true, params },
    async handler(request, reply) {
      const png = await comparisons.sharedSheetPng(request.params.token)
      return reply.type('image/png').header('cache-control', 'private, no-store').send(png)
    },
  })

  app.post('/sheets/:token/scores', {
    config: { access: 'public' },
    schema: { hide: true, params },
    async handler(request, reply) {
      const form = request.body
      if (!(form instanceof URLSearchParams)) {
        throw validationFailed([{ pointer: '', detail: 'must be the form of the contact sheet' }])
      }
      const scores = readScores(form)
      if (scores.length > 0) {
        const name = parse(rater, form.get('rater'), '/rater')
        await comparisons.scoreShared(request.params.token, name, scores, originOf(request))
      }
      return reply.redirect(`../${request.params.token}`, 303)
    },
  })
}

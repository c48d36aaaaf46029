import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../domain/problem.ts'

function patternOf(url: string): RegExp {
  const escaped = url.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
  const pattern = escaped.replaceAll(/:[^/]+/g, '[^/]+').replaceAll('*', '.*')
  return new RegExp(`^${pattern}$`)
}

/** Whether a call came to no route, or to the one that takes preflight requests for every path. */
export function leadsNowhere({ is404, routeOptions }: FastifyRequest): boolean {
  return is404 || routeOptions.url === '*'
}

/**
 * Answers calls that match no route: 405 with `Allow` where the path exists under other methods, else 404. Register it
 * before the routes. It runs before a body is looked at, so that a wrong path is not reported as a wrong body.
 */
export function answerUnmatched(app: FastifyInstance): void {
  const paths = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const path = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() }
    for (const one of [method].flat()) path.methods.add(one)
    paths.set(url, path)
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (!leadsNowhere(request)) {
      done()
      return
    }
    const asked = request.url.split('?', 1)[0] ?? ''
    const known = [...paths.values()].find(({ pattern }) => pattern.test(asked))
    if (known === undefined) {
      done(new Problem('not_found', 'This path does not exist. See /docs for all operations.'))
      return
    }
    const allowed = [...known.methods].toSorted().join(', ')
    reply.header('allow', allowed)
    done(new Problem('method_not_allowed', `This path supports only ${allowed}.`))
  })
}

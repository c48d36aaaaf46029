import type { FastifyInstance } from 'fastify'

/** Bodies whose integers are as long as they were written: those that a number does not hold come as `bigint`. */
export function takeExactJson(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(String(body), exactly))
    } catch (error) {
      done(Object.assign(new Error('The body is no JSON.', { cause: error }), { statusCode: 400 }))
    }
  })
}

function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? ''
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value
}

/** JSON in which these digits are an integer, of any length. */
export function withInteger(body: object, key: string, digits: string): string {
  return JSON.stringify(body).replaceAll(`"${key}":"${digits}"`, `"${key}":${digits}`)
}

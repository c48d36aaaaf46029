import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'

/**
 * Before a body is looked at: one of no bytes counts as none, whatever content type stands beside it, because many clients
 * send a default one with every POST and DELETE; a compressed one is refused by name.
 */
export function checkRequestBody(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw
    if (!hasBody(request)) {
      delete headers['content-type']
      done()
      return
    }
    const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
    if (encoding === 'identity' || encoding === '' || request.is404) done()
    else done(compressed(encoding))
  })
}

function hasBody({ raw: { headers } }: FastifyRequest): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  return headers['content-length'] !== undefined && Number(headers['content-length']) !== 0
}

function compressed(encoding: string): Problem {
  const shown = /^[\w, .-]{1,40}$/.test(encoding) ? encoding : 'This encoding'
  const detail = `${shown} is not supported; send the body without Content-Encoding`
  return new Problem('unsupported_media_type', `${detail}.`, {
    faults: [{ pointer: '#/headers/content-encoding', detail }],
  })
}

/** What to say of a body whose content type this route does not take: which ones it does. */
export function unsupportedType(request: FastifyRequest, cause: unknown): Problem {
  const { bodies } = request.routeOptions.config
  const accepted = Object.keys(bodies ?? { 'application/json': null }).join(' or ')
  const sent = request.headers['content-type']?.split(';', 1)[0]?.trim() ?? ''
  const shown = /^[\w.+/-]{1,80}$/.test(sent) ? sent : null
  const detail =
    sent === ''
      ? `The Content-Type header is missing. Send Content-Type: ${accepted}.`
      : `${shown ?? 'This content type'} is not supported. Send Content-Type: ${accepted}.`
  return new Problem('unsupported_media_type', detail, { cause })
}

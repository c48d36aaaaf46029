import createClient from 'openapi-fetch'
import type { components, paths } from '../../../../openapi/clients/typescript/src/schema.ts'
import { ApiProblem, problemOf } from './problem.ts'

export type Schemas = components['schemas']

/** Longer than any call of the console takes; uploads have none. */
const deadlineMs = 30_000

async function fetchWithDeadline(request: Request): Promise<Response> {
  const signal =
    request.method === 'GET'
      ? AbortSignal.any([request.signal, AbortSignal.timeout(deadlineMs)])
      : request.signal
  try {
    return await fetch(request, { signal })
  } catch (error) {
    if (request.signal.aborted) throw error
    throw new ApiProblem(
      'The gateway does not answer. Check the network; the console tries again by itself.',
      {},
    )
  }
}

/** The API as described by its OpenAPI document. The session cookie goes along; every answer but a success is thrown. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: fetchWithDeadline })

api.use({
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response)
  },
})

/** The body of a call that succeeded. @throws {ApiProblem} when there is none */
export async function bodyOf<Body>(call: Promise<{ data?: Body; response: Response }>): Promise<Body> {
  const { data, response } = await call
  if (data === undefined) throw await problemOf(response)
  return data
}

import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'

const attempt = z.object({
  upstream: z.string(),
  state: z.string(),
  fidelity: z.string().nullable(),
  cost_usd: z.number(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
})

const generation = z.object({
  id: z.string(),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled']),
  progress: z.number(),
  attempts: z.array(attempt),
  warnings: z.array(z.object({ code: z.string(), detail: z.string() })),
  cost_usd: z.number(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})

const plan = z.object({
  candidates: z.array(z.object({ upstream: z.string(), estimated_cost_usd: z.number() })),
  excluded: z.array(z.object({ upstream: z.string(), code: z.string() })),
})

const upstreams = z.object({
  data: z.array(
    z.object({ id: z.string(), breakers: z.object({ create: z.object({ state: z.string() }) }) }),
  ),
})

export type Generation = z.infer<typeof generation>
export type Plan = z.infer<typeof plan>

export interface Client {
  createCharacter(body: object): Promise<void>
  generate(body: object): Promise<Generation>
  /** The current generation; waits up to a second for its end. */
  follow(id: string): Promise<Generation>
  route(body: object): Promise<Plan>
  createBreaker(upstream: string): Promise<string>
  download(id: string, file: string): Promise<void>
}

/** The API calls of the demo, as any internal service would make them. */
export function createClient(address: string, key: string): Client {
  const headers = { authorization: `Bearer ${key}` }

  async function call(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response
  }

  return {
    async createCharacter(body) {
      await call('POST', '/characters', body)
    },
    generate: async (body) => generation.parse(await (await call('POST', '/generate', body)).json()),
    follow: async (id) => generation.parse(await (await call('GET', `/generations/${id}?wait=1`)).json()),
    route: async (body) => plan.parse(await (await call('POST', '/route', body)).json()),
    async createBreaker(upstream) {
      const { data } = upstreams.parse(await (await call('GET', '/upstreams')).json())
      return data.find(({ id }) => id === upstream)?.breakers.create.state ?? 'unknown'
    },
    async download(id, file) {
      const { body } = await call('GET', `/generations/${id}/video`)
      if (body === null) throw new Error(`The video of ${id} is empty.`)
      await pipeline(Readable.fromWeb(body), createWriteStream(file))
    },
  }
}

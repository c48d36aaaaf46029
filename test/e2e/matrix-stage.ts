import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { z } from 'zod'
import type { Scope } from '../../src/gateway/domain/accounts/client.ts'
import { ask, finished, makeCharacter } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'
import { finishedSeries, makeSeries } from './series-stage.ts'

const operationShape = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ in: z.string(), name: z.string() })).default([]),
  requestBody: z
    .object({
      content: z.record(
        z.string(),
        z.object({ schema: z.object({ $ref: z.string().optional() }).optional() }),
      ),
    })
    .optional(),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).default({}) })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
})

const documentShape = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationShape)),
  components: z.object({
    schemas: z.record(z.string(), z.object({ examples: z.array(z.unknown()).default([]) })),
  }),
})

const document = documentShape.parse(
  JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')),
)

export interface MatrixRoute {
  id: string
  method: string
  path: string
  /** Any of these opens it; empty: it needs no key. */
  scopes: string[]
  body: unknown
  /** Whether what it answers are files, which show what was made with a prompt. */
  isMedia: boolean
}

/**
 * Signing in takes its key in the body: a wrong one is a 401 (`sessions.test.ts`). The stream of changes never ends
 * (`changes.slow.test.ts`).
 */
const elsewhere = new Set(['createSession', 'followChanges'])

/** Every route of the API document that takes a key or nothing; vendors sign the others. Those that remove things come last. */
export const routes: MatrixRoute[] = Object.entries(document.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, requestBody, responses, security }]) => {
      const name = requestBody?.content['application/json']?.schema?.$ref?.split('/').at(-1) ?? ''
      const types = Object.keys(responses['200']?.content ?? {})
      return {
        id: operationId,
        method: method.toUpperCase(),
        path,
        scopes: security.flatMap((each) => each['key'] ?? []),
        isSigned: security.some((each) => 'signature' in each),
        body: document.components.schemas[name]?.examples[0],
        isMedia: types.length > 0 && types.every((type) => /^(?:video|image)\/|zip/.test(type)),
      }
    }),
  )
  .filter(({ isSigned, id }) => !isSigned && !elsewhere.has(id))
  .toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'))

/** In prompts, descriptions and names of files of the owner, and nowhere else. */
export const promptWord = 'zirconflower'

/** The ids of one tenant's things, by the beginning of the paths that take them. */
export interface Owned {
  ids: Record<string, string>
  generation: string
}

/** Everything that a tenant can have, finished, so that streams end. */
export async function makeEverything(gateway: Gateway, as: Record<string, string>): Promise<Owned> {
  const call = (method: string, path: string, body?: unknown) => gateway.call(method, path, body, as)
  const webhook_url = `${gateway.simulator.origin}/nobody-listens-here`
  const prompt = `a ${promptWord} by a river`
  const secret = await call('POST', '/webhook-secrets', {})
  const made = await gateway.generate({ prompt, duration: 10, webhook_url }, as)
  const deliveries = await call('GET', `/generations/${made.id}/deliveries`)
  const character = await makeCharacter(gateway, 'coffee_girl', as)
  const compared = ask('coffee_girl', {
    scenes: [`@coffee_girl, ${promptWord}`],
    runs: 1,
    upstreams: ['reseller'],
  })
  const comparison = (await call('POST', '/comparisons', compared)).body
  await finished(gateway, comparison.id, as)
  const series = await makeSeries(gateway, { name: 'a film', scenes: [{ prompt }] }, as)
  await finishedSeries(gateway, series.id, as)
  return {
    generation: made.id,
    ids: {
      '/generations/': made.id,
      '/v1/videos/': made.id,
      '/v1/videos/characters/': character.id,
      '/v1/sora/tasks/': made.id,
      '/characters/': character.id,
      '/comparisons/': comparison.id,
      '/series/': series.id,
      '/attempts/': made.attempts[0].id,
      '/deliveries/': deliveries.body.data[0].id,
      '/webhook-secrets/': secret.body.id,
    },
  }
}

/** Ids of the same shapes that nobody has. */
export function nobodys({ ids }: Owned): Owned['ids'] {
  return Object.fromEntries(Object.entries(ids).map(([path, id]) => [path, anotherThan(id)]))
}

function anotherThan(id: string): string {
  return `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`
}

/** The part of a path that says whose things it is about; null where it is about nobody's. */
export function ownedPart(path: string, { ids }: Owned): string | null {
  const begins = Object.keys(ids).filter((each) => path.startsWith(`${each}{`))
  return begins.toSorted((a, b) => b.length - a.length)[0] ?? null
}

/** The path with its parameters filled in: of things by `ids`, of the rest by what the stage has. */
export function filled(path: string, ids: Owned['ids'], owned: Owned, keyId: string): string {
  const part = ownedPart(path, owned)
  return path
    .replace(/\{id\}/, (whole) => {
      if (part !== null) return ids[part] ?? whole
      if (path.startsWith('/keys/')) return keyId
      return path.includes('/models/') ? 'sora-2' : 'reseller'
    })
    .replace('{number}', '1')
    .replace('{operation}', 'create')
    .replace('{model}', 'sora-2')
    .replace('{name}', 'stranger')
    .replace('{code}', 'not_found')
}

export type ScopeSet = readonly Scope[]

export interface MatrixStage {
  gateway: Gateway
  owned: Owned
  /** The headers of a key of this tenant with these scopes. */
  as: (tenant: string, scopes: ScopeSet) => Record<string, string>
  keyId: string
  ask: (route: MatrixRoute, ids: Owned['ids'], headers: Record<string, string>) => Promise<Answer>
}

export async function startMatrix(t: Test, sets: readonly ScopeSet[]): Promise<MatrixStage> {
  const gateway = await startGateway(t, { server: { trust_proxy: ['127.0.0.1'] } })
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const made = new Map<string, Record<string, string>>()
  for (const tenant of ['owner', 'stranger']) {
    for (const scopes of sets) {
      const name = [tenant, ...scopes].join('-')
      const { body } = await gateway.call('POST', '/keys', { name, tenant, scopes }, admin)
      made.set(name, { authorization: `Bearer ${body.secret}` })
    }
  }
  const as = (tenant: string, scopes: ScopeSet) => {
    const headers = made.get([tenant, ...scopes].join('-'))
    if (headers === undefined) throw new Error(`no key of ${tenant} with ${scopes.join(', ')}`)
    return headers
  }
  const owned = await makeEverything(gateway, as('owner', ['generate']))
  // Revoked over and over; nobody uses it.
  const { body: spare } = await gateway.call('POST', '/keys', { name: 'spare', tenant: 'spare' }, admin)
  const ask: MatrixStage['ask'] = ({ method, path, body }, ids, headers) =>
    gateway.call(method, filled(path, ids, owned, spare.id), body, {
      // The studio's key is sent where none is named.
      authorization: '',
      accept: '*/*',
      ...headers,
    })
  return { gateway, owned, as, keyId: spare.id, ask }
}

import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { ask } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

interface Parameter {
  in: string
  name: string
  schema: { pattern?: string }
}

interface Operation {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> }
  security: unknown[]
}

interface Route {
  method: string
  path: string
  operation: Operation
  params: Parameter[]
}

const document = JSON.parse(await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))

/** Every route of the API document, so that a new one is probed too. */
const routes: Route[] = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    operation,
    params: (operation.parameters ?? []).filter((parameter) => parameter.in === 'path'),
  })),
)

/**
 * Routes that only operators may call act on the work of every tenant: `resolve.slow.test.ts`, `exchanges.slow.test.ts` and
 * `views.test.ts` test what they may see.
 */
function isForOperators({ security }: Operation): boolean {
  const said = JSON.stringify(security)
  return said.includes('operate') && !said.includes('generate')
}

/** A valid body: the example of its schema. */
function bodyFor({ requestBody }: Operation): unknown {
  const ref = requestBody?.content['application/json']?.schema.$ref
  if (ref === undefined) return undefined
  return document.components.schemas[ref.split('/').at(-1) ?? ''].examples[0]
}

interface Foreign {
  /** Ids and names that belong to another tenant, or to nobody. */
  ids: string[]
  generation: { id: string }
  character: { id: string; name: string }
  comparison: { id: string }
  series: { id: string }
}

const body = { prompt: 'a mill by a river', duration: 10 }

async function makeForeign(gateway: Gateway): Promise<Foreign> {
  const secret = (await gateway.call('POST', '/webhook-secrets', {})).body
  const webhook_url = `${gateway.simulator.origin}/nobody-listens-here`
  const generation = await gateway.generate({ ...body, webhook_url }, { 'idempotency-key': 'shared-key' })
  const [delivery] = (await gateway.call('GET', `/generations/${generation.id}/deliveries`)).body.data
  const form = new FormData()
  form.set('name', 'coffee_girl')
  form.set('description', 'as she was')
  const clip = await aClip({ seconds: 1, width: 320, height: 240 })
  form.set('video', new Blob([new Uint8Array(clip)]), 'clip.mp4')
  const character = (await gateway.call('POST', '/characters', form)).body
  const scenes = ['@coffee_girl pours milk']
  const asked = ask('coffee_girl', { scenes, runs: 1, upstreams: ['reseller'] })
  const comparison = (await gateway.call('POST', '/comparisons', asked)).body
  const film = { name: 'a film of the studio', scenes: [{ prompt: 'a mill' }] }
  const series = (await gateway.call('POST', '/series', film)).body
  // No key and no session is foreign to an admin, so an id that does not exist is used.
  const noKey = `key_${'0'.repeat(26)}`
  const noSession = `ses_${'0'.repeat(26)}`
  const made = [generation, character, comparison, series, delivery, secret].map(({ id }) => id)
  const ids = [...made, character.name, noKey, noSession, 'no-token', 'no-upstream']
  return { ids, generation, character, comparison, series }
}

async function start(t: Test) {
  const gateway = await startGateway(t)
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const stranger = async (scopes: string[]) => {
    const input = { name: scopes.join('-'), tenant: 'stranger', scopes }
    const { body: made } = await gateway.call('POST', '/keys', input, admin)
    return { authorization: `Bearer ${made.secret}` }
  }
  return { gateway, admin, stranger, foreign: await makeForeign(gateway) }
}

/** Whoever administers sets the budget of any tenant, also of one that has nothing yet. */
const isOfTenants = ({ path }: Route): boolean => path === '/tenants/{name}'

const probedRoutes = routes.filter(
  (route) => route.params.length > 0 && !isForOperators(route.operation) && !isOfTenants(route),
)

/** The foreign ids that fit a path parameter. */
function fitting({ schema, name }: Parameter, path: string, { ids, character }: Foreign): string[] {
  if (schema.pattern !== undefined) return ids.filter((id) => new RegExp(schema.pattern ?? '').test(id))
  if (path.startsWith('/characters/')) return [character.id, character.name]
  // Models have no owner; a model that the key may not use does not exist for it.
  if (/^\/(?:v1\/)?models\//.test(path)) return ['a-model-of-nobody']
  // Codes have no owner either, and anybody may read of one.
  if (path === '/problems/{code}') return ['a-code-of-nobody']
  return ids.filter((id) => id === `no-${name}`)
}

t.test('no route answers anything but 404 to the id of another tenant, and none does anything', async (t) => {
  const { gateway, admin, stranger, foreign } = await start(t)
  const as = await stranger(['generate', 'read', 'admin'])
  const mine = async () => [
    (await gateway.call('GET', `/generations/${foreign.generation.id}`)).body,
    (await gateway.call('GET', '/characters/coffee_girl')).body,
    (await gateway.call('GET', `/comparisons/${foreign.comparison.id}`)).body,
    (await gateway.call('GET', `/series/${foreign.series.id}`)).body,
    (await gateway.call('GET', `/generations/${foreign.generation.id}/deliveries`)).body,
    (await gateway.call('GET', '/webhook-secrets')).body,
    await gateway.files(),
  ]
  const before = await mine()
  let probed = 0
  for (const { method, path, operation, params } of probedRoutes) {
    const [parameter] = params
    const ids = parameter === undefined ? [] : fitting(parameter, path, foreign)
    t.ok(ids.length > 0, `${path}: this test has nothing foreign for {${parameter?.name}}; make one above`)
    for (const id of ids) {
      const asked = path.replace(/\{[^}]+\}/g, id)
      const answer = await gateway.call(method, asked, bodyFor(operation), {
        ...as,
        accept: '*/*',
      })
      t.equal(answer.status, 404, `${method} ${asked}`)
      if (method === 'HEAD') continue
      if (!path.startsWith('/v1/')) t.equal(answer.body.code, 'not_found', `${method} ${asked}`)
      else t.match(answer.body.error, { type: 'invalid_request_error', code: null }, `${method} ${asked}`)
      probed += 1
    }
  }
  t.ok(probed > 15, `${probed} probes`)
  t.same(await mine(), before)
  const told = await gateway.call('GET', '/audit?tenant=stranger', undefined, admin)
  t.same(told.body.data, [])
})

t.test('no route that takes no id tells a stranger anything of another tenant', async (t) => {
  const { gateway, stranger, foreign } = await start(t)
  const as = await stranger(['generate', 'read'])
  for (const { method, path, operation } of routes.filter(({ params }) => params.length === 0)) {
    // The stream of changes never ends; `changes.slow.test.ts` tests what it says to whom.
    if (method !== 'GET' || path === '/events') continue
    const answer = await gateway.call(method, path, undefined, as)
    const text = Buffer.isBuffer(answer.body) ? answer.body.toString() : JSON.stringify(answer.body)
    for (const secret of [...foreign.ids, 'as she was', 'nobody-listens-here', 'a film of the studio']) {
      t.notOk(text.includes(secret), `${operation.operationId} keeps ${secret} to itself`)
    }
  }
  t.match((await gateway.call('GET', '/usage', undefined, as)).body, {
    tenant: 'stranger',
    totals: { attempts: 0, cost_usd: 0 },
  })
  t.equal((await gateway.call('GET', '/usage?tenant=studio', undefined, as)).status, 403)
})

t.test('what another tenant has is not there inside a request either', async (t) => {
  const { gateway, stranger, foreign } = await start(t)
  const as = await stranger(['generate'])
  const copied = { name: 'copied', generation_id: foreign.generation.id }
  t.match(await gateway.call('POST', '/characters', copied, as), { status: 404, body: { code: 'not_found' } })
  for (const mention of [foreign.character.id, foreign.character.name]) {
    for (const path of ['/generate', '/route']) {
      const answer = await gateway.call('POST', path, { ...body, prompt: `@${mention} waves` }, as)
      t.match(answer, { status: 422, body: { code: 'character_not_found' } }, `${path} @${mention}`)
    }
    const scenes = [`@${mention} waves`]
    const compared = await gateway.call('POST', '/comparisons', ask(mention, { scenes }), as)
    t.match(compared, { status: 422, body: { code: 'character_not_found' } }, `a comparison of ${mention}`)
    for (const film of [
      { scenes: [{ prompt: `@${mention} waves` }] },
      { scenes: [body], characters: [mention] },
    ]) {
      const told = await gateway.call('POST', '/series', film, as)
      t.match(told, { status: 422, body: { code: 'character_not_found' } }, `a series with ${mention}`)
    }
  }
  const { id } = foreign.generation
  const v1: Array<[string, object]> = [
    ['/v1/videos', { prompt: 'she waves', characters: [{ id: foreign.character.id }] }],
    ['/v1/videos/edits', { prompt: 'at dusk', video: { id } }],
    ['/v1/videos/extensions', { prompt: 'at dusk', seconds: '4', video: { id } }],
    ['/v1/sora/characters/extract', { name: 'copied', task_id: id }],
    ['/v1/sora/generate', { prompt: `@${foreign.character.id} waves` }],
  ]
  for (const [path, input] of v1) {
    const { status } = await gateway.call('POST', path, input, as)
    t.ok(status === 400 || status === 404, `${path} ${status}`)
  }
  t.same((await gateway.call('GET', '/generations', undefined, as)).body.data, [], 'none of it was accepted')
  const lists = [
    `/generations?cursor=gen_${'z'.repeat(26)}`,
    `/characters?cursor=char_${'z'.repeat(26)}`,
    `/series?cursor=ser_${'z'.repeat(26)}`,
    '/characters?search=coffee',
  ]
  for (const path of lists) t.same((await gateway.call('GET', path, undefined, as)).body.data, [], path)

  const own = await gateway.call('POST', '/generate', body, { ...as, 'idempotency-key': 'shared-key' })
  t.equal(own.status, 202)
  t.notOk(own.headers.get('idempotent-replayed'), 'an idempotency key is one’s own')
  t.not(own.body.id, foreign.generation.id)
  const taken = await gateway.call(
    'POST',
    '/characters',
    { name: 'coffee_girl', generation_id: own.body.id },
    as,
  )
  t.not(taken.body.code, 'name_taken', 'so is a name')
})

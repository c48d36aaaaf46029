import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { aPicture } from '../fixtures/pictures.ts'
import { ask, finished } from './comparison-stage.ts'
import { finishedSeries } from './series-stage.ts'
import { keys, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

const document = JSON.parse(await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))
const body = { prompt: 'a mill by a river', duration: 10 }

interface Entry {
  id: string
  action: string
  tenant: string | null
  key: string | null
  address: string | null
  request_id: string | null
  subject: string | null
  data: Record<string, unknown>
}

async function start(t: Test, options: Parameters<typeof startGateway>[1] = {}) {
  const gateway = await startGateway(t, options)
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const entries = async (query = ''): Promise<Entry[]> => {
    const answer = await gateway.call('GET', `/audit?limit=100${query}`, undefined, admin)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    return answer.body.data
  }
  return { gateway, admin, entries }
}

/** Operations that change neither state nor money. A vendor's webhook only triggers a poll. */
const idle = new Set([
  'planRoute',
  'planSeries',
  'planComparison',
  'estimate',
  'createEventTicket',
  'receiveVendorWebhook',
])

/** Operations of operators are logged too; their own tests check it, such as `resolve.test.ts` and `resubmit.test.ts`. */
const operators = new Set([
  'lookAtAttempt',
  'resolveAttempt',
  'resubmitGeneration',
  'cancelGenerations',
  'releaseOperations',
  'pauseUpstream',
  'resumeUpstream',
  'pauseOperations',
  'resumeOperations',
  'resetBreaker',
  'probeUpstream',
])

/** They need a browser's cookie; `sessions.test.ts` checks what is logged of them. */
const ofBrowsers = new Set(['createSession', 'endSession', 'endOwnSessions', 'endSessionById'])

function changing(): string[] {
  return Object.values<Record<string, { operationId: string }>>(document.paths)
    .flatMap((methods) => Object.entries(methods))
    .filter(
      ([method, { operationId }]) =>
        !['get', 'head'].includes(method) &&
        ![idle, operators, ofBrowsers].some((tested) => tested.has(operationId)),
    )
    .map(([, { operationId }]) => operationId)
}

type Call = (name: string, method: string, path: string, input?: unknown) => Promise<Answer['body']>

/** The same through the compatible protocols. */
async function callCompatible(gateway: Gateway, call: Call): Promise<void> {
  const { prompt } = body
  const { id } = await gateway.generate({ prompt, duration: 8, routing: { upstreams: ['official'] } })
  const { id: made } = await call('openaiCreateVideo', 'POST', '/v1/videos', { prompt })
  await call('openaiRemixVideo', 'POST', `/v1/videos/${id}/remix`, { prompt })
  await call('openaiEditVideo', 'POST', '/v1/videos/edits', { prompt, video: { id } })
  const longer = { prompt, seconds: '4', video: { id } }
  await call('openaiExtendVideo', 'POST', '/v1/videos/extensions', longer)
  const form = await clipForm('openai_teller')
  await call('openaiCreateCharacter', 'POST', '/v1/videos/characters', form)
  const video_url = `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240`
  await call('soraCreateCharacter', 'POST', '/v1/sora/characters', { name: 'sora_teller', video_url })
  const extracted = { name: 'extracted_teller', task_id: id }
  await call('soraExtractCharacter', 'POST', '/v1/sora/characters/extract', extracted)
  await call('soraGenerate', 'POST', '/v1/sora/generate', { prompt, duration: 10 })
  await gateway.finished(made)
  await call('openaiDeleteVideo', 'DELETE', `/v1/videos/${made}`)
}

async function callWebhooks(gateway: Gateway, call: Call): Promise<void> {
  const secret = await call('createWebhookSecret', 'POST', '/webhook-secrets', {})
  const webhook_url = `${gateway.simulator.origin}/nobody-listens-here`
  const told = await gateway.generate({ ...body, webhook_url })
  const [delivery] = (await gateway.call('GET', `/generations/${told.id}/deliveries`)).body.data
  await call('redeliver', 'POST', `/deliveries/${delivery.id}/redeliver`)
  await call('deleteWebhookSecret', 'DELETE', `/webhook-secrets/${secret.id}`)
}

async function callSeries(gateway: Gateway, call: Call): Promise<void> {
  const refused = await call('createSeries', 'POST', '/series', {
    scenes: [{ prompt: 'something forbidden' }],
  })
  await finishedSeries(gateway, refused.id)
  const scenes = [{ id: '1', prompt: 'a mill' }]
  await call('retrySeries', 'POST', `/series/${refused.id}/retry`, { scenes })
  const { id } = await call('createSeries', 'POST', '/series', { scenes: [{ prompt: body.prompt }] })
  await call('cancelSeries', 'POST', `/series/${id}/cancel`)
  await call('deleteSeries', 'DELETE', `/series/${id}`)
}

async function clipForm(name: string): Promise<FormData> {
  const form = new FormData()
  form.set('name', name)
  const clip = await aClip({ seconds: 1, width: 320, height: 240 })
  form.set('video', new Blob([new Uint8Array(clip)]), 'clip.mp4')
  return form
}

function pictureForm(): FormData {
  const form = new FormData()
  form.append('pictures', new Blob([new Uint8Array(aPicture(100))]), 'front.png')
  return form
}

/** Calls every operation that changes something; returns the id of each call in the log, by operation. */
async function callAll(gateway: Gateway, admin: Record<string, string>): Promise<Map<string, string>> {
  const called = new Map<string, string>()
  const call = async (name: string, method: string, path: string, input?: unknown, as = {}) => {
    const answer = await gateway.call(method, path, input, { ...as, 'x-request-id': `trace-${name}` })
    if (answer.status >= 300) throw new Error(`${name}: ${JSON.stringify(answer.body)}`)
    called.set(name, `trace-${name}`)
    return answer.body
  }
  const generation = await call('generate', 'POST', '/generate', body)
  await gateway.finished(generation.id)
  await call('createCharacter', 'POST', '/characters', await clipForm('teller'))
  await call('bindCharacter', 'POST', '/characters/teller/bindings')
  await call('updateCharacter', 'PATCH', '/characters/teller', { description: 'tells' })
  await call('putStills', 'PUT', '/characters/teller/stills', pictureForm())
  const asked = ask('teller', { scenes: ['@teller waves'], runs: 1, upstreams: ['reseller'] })
  const { id } = await call('createComparison', 'POST', '/comparisons', asked)
  const [cell] = (await finished(gateway, id)).cells
  const scores = [{ generation_id: cell.generation_id, face: 80, clothing: 70, style: 60 }]
  await call('scoreComparison', 'POST', `/comparisons/${id}/scores`, { rater: 'mia', scores })
  await call('endComparisonLinks', 'DELETE', `/comparisons/${id}/link`)
  await call('deleteComparison', 'DELETE', `/comparisons/${id}`)
  await callSeries(gateway, call)
  await call('deleteCharacter', 'DELETE', '/characters/teller')
  await callCompatible(gateway, call)
  await callWebhooks(gateway, call)
  const other = await gateway.call('POST', '/generate', body)
  await call('cancelGeneration', 'POST', `/generations/${other.body.id}/cancel`)
  await call('deleteGeneration', 'DELETE', `/generations/${generation.id}`)
  const key = await call('createKey', 'POST', '/keys', { name: 'marketing' }, admin)
  await call('updateKey', 'PATCH', `/keys/${key.id}`, { max_in_flight: 3 }, admin)
  await call('rotateKey', 'POST', `/keys/${key.id}/rotate`, {}, admin)
  await call('revokeKey', 'DELETE', `/keys/${key.id}`, undefined, admin)
  await call('updateTenant', 'PATCH', '/tenants/studio', { monthly_budget_usd: 500 }, admin)
  return called
}

t.test(
  'everything that changes state or money is told, with who, by which key, and from where',
  async (t) => {
    const { gateway, admin, entries } = await start(t)
    const called = await callAll(gateway, admin)
    t.same(
      [...called.keys()].toSorted(),
      changing().toSorted(),
      'every operation of the API document is called',
    )
    const found = await entries()
    for (const [operation, requestId] of called) {
      const entry = found.find((each) => each.request_id === requestId)
      t.match(
        entry,
        { address: '127.0.0.1', subject: /^(gen|char|cmp|ser|dlv|wsec|key)_|^studio$/ },
        operation,
      )
      const own = /(?:Key|Tenant)$/.test(operation)
      t.match(entry, own ? { tenant: 'admin', key: 'admin' } : { tenant: 'studio', key: 'studio' }, operation)
    }
    const whole = JSON.stringify(found)
    t.notMatch(whole, /mill by a river/, 'no prompt')
    for (const secret of [keys.studio, 'und_', 'whsec_', 'hash']) t.notMatch(whole, secret)
    const made = found.at(-1)
    t.match(made, { action: 'key.created', key: null, data: { name: 'admin' } }, 'and the first key of all')
  },
)

t.test('what is scored behind a link is told of its tenant and of the address, without a key', async (t) => {
  const { gateway, entries } = await start(t)
  await gateway.call('POST', '/characters', await clipForm('teller'))
  const asked = ask('teller', { scenes: ['@teller waves'], runs: 1, upstreams: ['reseller'] })
  const { id } = (await gateway.call('POST', '/comparisons', asked)).body
  const { cells, sheet_url: sheet } = await finished(gateway, id)
  const [{ generation_id: video }] = cells
  const fields = {
    rater: 'mia',
    [`${video}.face`]: '80',
    [`${video}.clothing`]: '70',
    [`${video}.style`]: '60',
  }
  const sent = await fetch(`${sheet}/scores`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })
  t.equal(sent.status, 303)
  t.match(await entries('&action=comparison.scored'), [
    { tenant: 'studio', key: null, address: '127.0.0.1', subject: id, data: { rater: 'mia', videos: 1 } },
  ])
})

t.test('what was not done is not told', async (t) => {
  const { gateway, entries } = await start(t)
  const before = await entries()
  const first = await gateway.call('POST', '/generate', body, { 'idempotency-key': 'one' })
  await gateway.call('POST', '/generate', body, { 'idempotency-key': 'one' })
  await gateway.call('POST', '/generate', { ...body, model: 'none' })
  await gateway.finished(first.body.id)
  await gateway.call('POST', `/generations/${first.body.id}/cancel`)
  await gateway.call('DELETE', `/generations/gen_${'0'.repeat(26)}`)
  await gateway.call('PATCH', '/characters/nobody', { description: 'x' })
  const after = await entries()
  t.same(
    after.slice(0, after.length - before.length).map(({ action, subject }) => [action, subject]),
    [['generation.created', first.body.id]],
  )
})

t.test('entries are found by key, action, subject and time, in pages, and exported whole', async (t) => {
  const { gateway, admin, entries } = await start(t)
  const ids: string[] = []
  for (let made = 0; made < 5; made++) {
    ids.push((await gateway.call('POST', '/generate', body)).body.id)
    await gateway.advance(1000)
  }
  await gateway.call('POST', `/generations/${ids[0]}/cancel`)
  t.equal((await entries('&key=studio&action=generation.created')).length, 5)
  t.same(
    (await entries(`&subject=${ids[0]}`)).map(({ action }) => action),
    ['generation.created'],
    'it had ended before the cancel',
  )
  t.equal((await entries(`&to=${new Date(gateway.now() - 4500).toISOString()}&tenant=studio`)).length, 1)
  const first = await gateway.call('GET', '/audit?limit=2&tenant=studio', undefined, admin)
  const next = await gateway.call(
    'GET',
    `/audit?limit=2&tenant=studio&cursor=${first.body.next_cursor}`,
    undefined,
    admin,
  )
  t.same(
    [...first.body.data, ...next.body.data].map(({ subject }) => subject),
    ids.toReversed().slice(0, 4),
  )
  const lines = await fetch(`${gateway.address}/audit?format=ndjson&tenant=studio&limit=1`, {
    headers: admin,
  })
  t.equal((await lines.text()).trimEnd().split('\n').length, 5)
  const csv = await gateway.call('GET', '/audit?format=csv&tenant=studio', undefined, admin)
  t.equal(csv.body.toString().trimEnd().split('\r\n').length, 6)
  t.equal((await gateway.call('GET', '/audit')).status, 403)
})

t.test('an address that guesses keys is told', async (t) => {
  const { gateway, entries } = await start(t)
  for (let guess = 0; guess < 20; guess++) {
    await gateway.call('GET', '/generations', undefined, { authorization: `Bearer guess-${guess}` })
  }
  // It is written after the answer.
  let told = await entries('&action=authentication.failing')
  for (let tries = 0; told.length === 0 && tries < 1000; tries++) {
    await pause(5)
    told = await entries('&action=authentication.failing')
  }
  t.match(told, [{ key: null, tenant: null, address: '127.0.0.1', data: {} }])
  t.equal(told.length, 1)
})

t.test('figures of other tenants that a key observes are told, once per hour, tenant and kind', async (t) => {
  const { gateway, entries } = await start(t, {
    keys: { other: { scopes: ['observe'] }, bank: { scopes: ['operate'] } },
  })
  await gateway.generate(body)
  const observer = { authorization: `Bearer ${keys.other}` }
  const get = async (path: string, as?: Record<string, string>) => {
    const answer = await gateway.call('GET', path, undefined, as)
    t.equal(answer.status, 200, path)
  }
  const foreign = [
    ['/usage', { part: 'usage', tenant: null }],
    ['/usage?tenant=studio', { part: 'usage', tenant: 'studio' }],
    ['/deliveries', { part: 'failing_deliveries', tenant: null }],
    ['/deliveries?tenant=studio', { part: 'failing_deliveries', tenant: 'studio' }],
    ['/tenants', { part: 'tenants', tenant: null }],
    ['/tenants/studio', { part: 'tenants', tenant: 'studio' }],
    ['/statistics', { part: 'statistics', tenant: null }],
    ['/upstreams/official/statistics', { part: 'statistics', tenant: null }],
    ['/upstreams/reseller/statistics', { part: 'statistics', tenant: null }],
  ] as const
  const told = async (key: string) =>
    (await entries(`&key=${key}&action=figures.viewed`)).map(({ data }) => data).toReversed()
  for (const [path] of foreign) await get(path, observer)
  const expected = foreign.map(([, data]) => data)
  t.match(await told('other'), expected)
  t.match((await entries('&key=other&action=figures.viewed')).map(({ subject }) => subject).slice(0, 2), [
    'reseller',
    'official',
  ])
  for (const [path] of foreign) await get(path, observer)
  t.equal((await told('other')).length, foreign.length, 'once')
  await get('/usage?tenant=other', observer)
  await get('/deliveries?tenant=other', observer)
  await get('/usage')
  t.equal((await told('other')).length, foreign.length, 'its own figures are not told')
  t.same(await told('studio'), [])
  await get('/usage', { authorization: `Bearer ${keys.bank}` })
  t.match(await told('bank'), [{ part: 'usage', tenant: null }], 'each key for itself')
  t.same(await entries('&key=other&action=generations.listed'), [])
  await get('/generations/counts', observer)
  t.match(await entries('&key=other&action=generations.listed'), [{ data: { tenant: null } }])
  await gateway.advance(3_600_000)
  await get('/usage', observer)
  t.equal((await told('other')).length, foreign.length + 1, 'and again after an hour')
})

import t from 'tap'
import { keys, official, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const word = 'zirconflower'
const scene = { prompt: `a ${word} in the rain`, duration: 8 }
const operator = { authorization: `Bearer ${keys.other}` }
const trusted = { authorization: `Bearer ${keys.bank}` }

async function tagOf(gateway: Gateway, path: string, headers = {}): Promise<string> {
  const { status, headers: answered } = await gateway.call('GET', path, undefined, headers)
  const tag = answered.get('etag')
  if (status !== 200 || tag === null) throw new Error(`answered ${status}, with the tag ${tag}`)
  return tag
}

t.test('a generation that a caller has is answered with 304 until it changes', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const { id } = (await gateway.call('POST', '/generate', scene)).body
  const path = `/generations/${id}`
  const first = await tagOf(gateway, path)
  t.equal(await tagOf(gateway, path), first)
  const same = await gateway.call('GET', path, undefined, { 'if-none-match': `"other", ${first}` })
  t.equal(same.status, 304)
  t.equal(same.headers.get('etag'), first)
  t.match(same.headers.get('x-request-id'), /^req_/)

  await gateway.finished(id)
  const later = await gateway.call('GET', path, undefined, { 'if-none-match': first })
  t.match(later, { status: 200, body: { status: 'completed', video: { url: `${path}/video` } } })
  t.not(later.headers.get('etag'), first)
  t.equal((await gateway.call('DELETE', path)).status, 204)
  const gone = await gateway.call('GET', path, undefined, { 'if-none-match': '*' })
  t.equal(gone.status, 404)
})

t.test('what one key was answered is not answered to another that sees less', async (t) => {
  const gateway = await startGateway(t, {
    upstreams: [official],
    keys: { other: { scopes: ['operate'] }, bank: { scopes: ['operate', 'operate_prompts'] } },
  })
  const { id } = await gateway.generate(scene)
  const path = `/generations/${id}`
  const whole = await tagOf(gateway, path)
  const outline = await gateway.call('GET', path, undefined, { ...operator, 'if-none-match': whole })
  t.match(outline, { status: 200, body: { id, prompt: null, attempts: [{ prompt: null }] } })
  t.notMatch(JSON.stringify(outline.body), new RegExp(word))
  const tag = outline.headers.get('etag') ?? ''
  t.equal((await gateway.call('GET', path, undefined, { ...operator, 'if-none-match': tag })).status, 304)
  const own = await gateway.call('GET', path, undefined, { 'if-none-match': tag })
  t.match(own, { status: 200, body: { prompt: scene.prompt } }, 'and its tenant is answered in full')
  t.not(await tagOf(gateway, path, trusted), whole, 'who sees the prompt has no signed addresses')
})

t.test('a tag opens nothing of another tenant', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const { id } = await gateway.generate(scene)
  const path = `/generations/${id}`
  const headers = { authorization: `Bearer ${keys.bank}`, 'if-none-match': await tagOf(gateway, path) }
  t.equal((await gateway.call('GET', path, undefined, headers)).status, 404)
  t.equal((await gateway.call('GET', path, undefined, { ...headers, authorization: '' })).status, 401)
})

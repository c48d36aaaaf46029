import t from 'tap'
import type { Test } from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { configText, official, reverse, startGateway } from './gateway.ts'
import { queryStorage } from './test-storage.ts'

const upstreams = [reverse, official]

/** A gateway, and another vendor that takes the same keys; `point` puts an upstream there by a reload. */
async function stage(t: Test) {
  const settings: Record<string, object> = {}
  const gateway = await startGateway(t, { upstreams, settings, patient: true })
  const elsewhere = await startSimulator({ upstreams, clock: { now: () => gateway.now() } })
  t.teardown(() => elsewhere.close())
  const point = (id: string, changes: object) => {
    settings[id] = changes
    const text = configText(gateway.simulator, upstreams, gateway.directory, { settings, patient: true })
    const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    t.match(gateway.container.reload(loaded), { type: 'reloaded' })
  }
  const video_url = `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240`
  const { status } = await gateway.call('POST', '/characters', { name: 'girl', video_url })
  t.equal(status, 201)
  return {
    gateway,
    elsewhere,
    point,
    play: () =>
      gateway.generate({ prompt: '@girl waves', duration: 5, routing: { upstreams: ['reseller'] } }),
    bindings: async () => (await gateway.call('GET', '/characters/girl')).body.bindings,
  }
}

t.test('a character that one server made is made anew where its upstream is pointed to', async (t) => {
  const { gateway, elsewhere, point, play, bindings } = await stage(t)
  t.match(await play(), { status: 'completed' })
  const [{ handle }] = await bindings()
  point('reseller', { base_url: elsewhere.baseUrl('reseller') })
  t.match(await bindings(), [{ upstream: 'reseller', state: 'revoked' }])
  t.match(await play(), { status: 'completed', attempts: [{ upstream: 'reseller', fidelity: 'native' }] })
  const [made] = elsewhere.control.characters()
  t.not(made?.id, handle)
  t.match(elsewhere.control.renders('reseller'), [{ prompt: `@${made?.id} waves`, characters: [made?.id] }])
  t.match(await bindings(), [{ upstream: 'reseller', state: 'ready', handle: made?.id }])
  t.match(await play(), { status: 'completed' })
  t.equal(elsewhere.control.requests()['reseller']?.character_create, 1, 'and only once')
  t.equal(gateway.simulator.control.requests()['reseller']?.character_create, 1)
})

t.test('a character that one account made is made anew for another account of the same server', async (t) => {
  const { gateway, point, play } = await stage(t)
  t.match(await play(), { status: 'completed' })
  const { control } = gateway.simulator
  point('reseller', { headers: { 'openai-organization': 'another' } })
  t.match(await play(), { status: 'completed' })
  t.equal(control.requests()['reseller']?.character_create, 2)
  const [first, second] = control.renders('reseller')
  t.not(second?.characters[0], first?.characters[0])
})

t.test('a character of a release that did not keep its account is of the first configuration', async (t) => {
  const { gateway, elsewhere, point, play, bindings } = await stage(t)
  t.match(await play(), { status: 'completed' })
  await queryStorage(gateway.directory, 'update bindings set origin = null, credential = null')
  await gateway.restart()
  t.match(await bindings(), [{ state: 'ready' }])
  t.match(await play(), { status: 'completed' })
  t.equal(gateway.simulator.control.requests()['reseller']?.character_create, 1, 'it is used as it is')
  point('reseller', { base_url: elsewhere.baseUrl('reseller') })
  t.match(await play(), { status: 'completed' })
  t.equal(elsewhere.control.characters().length, 1)
  t.equal(elsewhere.control.requests()['reseller']?.create, 1, 'the old handle was never sent there')
})

t.test('a remix by the id of a job is asked of the account that rendered the job alone', async (t) => {
  const { gateway, elsewhere, point } = await stage(t)
  const routing = { upstreams: ['official'] }
  const { id } = await gateway.generate({ prompt: 'a boat', duration: 4, routing })
  const remix = async () => {
    const path = `/v1/videos/${id}/remix`
    const { body } = await gateway.call('POST', path, { prompt: 'at dusk' }, headers)
    await gateway.finished(body.id)
    return (await gateway.call('GET', `/generations/${body.id}`)).body
  }
  const headers = { 'understudy-upstreams': 'official' }
  t.match(await remix(), { status: 'completed', warnings: [] })
  t.match(gateway.simulator.control.renders('official').at(-1), { source: { from: { type: 'job' } } })
  point('official', { base_url: elsewhere.baseUrl('official') })
  t.match(await remix(), { status: 'completed', warnings: [{ code: 'source_reference_used' }] })
  t.match(elsewhere.control.renders('official'), [{ reference: { kind: 'video' } }])
  t.equal(elsewhere.control.renders('official')[0]?.source ?? null, null)
})

t.test('a remix in line when its holder is pointed elsewhere starts from our copy there', async (t) => {
  const { gateway, elsewhere, point } = await stage(t)
  const headers = { 'understudy-upstreams': 'official' }
  const routing = { upstreams: ['official'] }
  const { id } = await gateway.generate({ prompt: 'a boat', duration: 4, routing })
  const { body } = await gateway.call('POST', `/v1/videos/${id}/remix`, { prompt: 'at dusk' }, headers)
  point('official', { base_url: elsewhere.baseUrl('official') })
  t.match(await gateway.finished(body.id), { status: 'completed' })
  t.match(elsewhere.control.renders('official'), [{ reference: { kind: 'video' } }])
})

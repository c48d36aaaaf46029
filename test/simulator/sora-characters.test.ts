import t from 'tap'
import { client, reseller, stage } from './stage.ts'

t.test('a character is made from a clip that is really fetched, and known by the list', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const url = `${simulator.origin}/clips/fox.mp4?seconds=1&size=64x36`
  const body = { video_url: url, name: 'fox', description: 'red scarf' }
  const made = await ask('POST', '/sora/characters', body)
  t.equal(made.status, 200)
  const { character_id: id } = made.json
  t.same((await ask('GET', '/sora/characters')).json, { characters: [{ character_id: id, name: 'fox' }] })
  t.match(simulator.control.characters(), [
    { id, upstream: 'reseller', description: 'red scarf', source: { type: 'url', url }, revoked: false },
  ])
})

t.test('an address that cannot be reached, is missing or is no MP4 makes no character', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const urls = [
    'http://127.0.0.1:9/a.mp4',
    `${simulator.origin}/clips/fox.avi`,
    `${simulator.origin}/control/bill`,
  ]
  for (const url of urls) {
    const answer = await ask('POST', '/sora/characters', { video_url: url, name: 'fox' })
    t.match(answer, { status: 400, json: { error: { message: 'request to upstream address failed' } } })
  }
  t.equal(
    (await ask('POST', '/sora/characters', { video_url: 'fox', name: 'fox' })).json.error.param,
    'video_url',
  )
  t.equal((await ask('POST', '/sora/characters', { video_url: urls[0], name: '' })).json.error.param, 'name')
  t.same(simulator.control.characters(), [])
})

t.test('a character is extracted from a finished task of the same upstream only', async (t) => {
  const upstream = reseller()
  const other = reseller({ id: 'other' })
  const simulator = await stage(t, [upstream, other])
  const ask = client(simulator, upstream)
  const { task_id: task } = (await ask('POST', '/sora/generate', { prompt: 'x', duration: 5 })).json
  const extract = (from: typeof ask) =>
    from('POST', '/sora/characters/extract', { task_id: task, name: 'fox' })
  t.equal((await extract(ask)).json.error.param, 'task_id')
  simulator.control.finish(task)
  t.match((await extract(ask)).json, { character_id: /^char_/ })
  t.equal((await extract(client(simulator, other))).status, 404)
  t.equal((await ask('POST', '/sora/characters/extract', { name: 'fox' })).status, 400)
})

t.test(
  'a prompt may mention several characters, all of this upstream and none of them revoked',
  async (t) => {
    const upstream = reseller()
    const other = reseller({ id: 'other' })
    const simulator = await stage(t, [upstream, other])
    const ask = client(simulator, upstream)
    const url = `${simulator.origin}/clips/fox.mp4?seconds=1&size=64x36`
    const ids: string[] = []
    for (const name of ['fox', 'owl'])
      ids.push((await ask('POST', '/sora/characters', { video_url: url, name })).json.character_id)
    const order = { prompt: `@${ids[0]} meets @${ids[1]}, and @${ids[0]} waves`, duration: 5 }
    t.equal((await ask('POST', '/sora/generate', order)).status, 200)
    t.same(simulator.control.renders()[0]?.characters, ids)

    const elsewhere = await client(simulator, other)('POST', '/sora/generate', order)
    t.match(elsewhere, { status: 400, json: { error: { code: 'cameo_not_found' } } })
    simulator.control.revokeCharacter(ids[1] ?? '')
    const revoked = await ask('POST', '/sora/generate', order)
    t.match(revoked, { status: 400, json: { error: { code: 'cameo_permission_denied' } } })
    t.equal(simulator.control.renders().length, 1)
  },
)

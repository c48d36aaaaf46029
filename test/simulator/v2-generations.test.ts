import t from 'tap'
import { client, heldClock, read, stage, vendor } from './stage.ts'

/** The v2 calls, as docs/vendors/resellers.md#v2-generations describes them. */

const order = {
  model: 'sora-2',
  prompt: 'a fox',
  images: [],
  aspect_ratio: '9:16',
  duration: '10',
  hd: false,
}

t.test(
  'a task has upper-case states, its progress a percent sign, and its video stands in data',
  async (t) => {
    const upstream = vendor('v2-generations')
    const simulator = await stage(t, [upstream], heldClock())
    const ask = client(simulator, upstream)
    const created = await ask('POST', '/v2/videos/generations', {
      ...order,
      watermark: false,
      notify_hook: '',
    })
    t.same(Object.keys(created.json), ['task_id'])
    const { task_id: id } = created.json
    t.match(simulator.control.renders(), [{ size: '90x160', extras: { watermark: false } }])
    const path = `/v2/videos/generations/${id}`
    t.same((await ask('GET', path)).json, {
      task_id: id,
      platform: 'openai',
      action: 'sora-video',
      status: 'IN_PROGRESS',
      fail_reason: '',
      submit_time: 1_790_000_000,
      start_time: 1_790_000_000,
      finish_time: 0,
      progress: '50%',
      data: null,
    })
    const done = (await ask('GET', path)).json
    t.match(done, { status: 'SUCCESS', progress: '100%', finish_time: 1_790_000_000 })
    t.equal((await read(await fetch(done.data.output))).status, 200)
  },
)

t.test('lengths are text; a wrong path is the web page of the host, with 200', async (t) => {
  const upstream = vendor('v2-generations')
  const ask = client(await stage(t, [upstream]), upstream)
  t.match((await ask('POST', '/v2/videos/generations', { ...order, duration: 10 })).json.error, {
    code: 'invalid_type',
    param: 'duration',
  })
  for (const path of ['/v1/sora/generate', '/v2/videos']) {
    const nowhere = await ask('POST', path, {})
    t.match(nowhere, { status: 200, text: /^<!doctype html>/ })
    t.match(nowhere.headers.get('content-type'), /text\/html/)
  }
})

t.test('a character may come along with the create, by both of its fields', async (t) => {
  const upstream = vendor('v2-generations')
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const character_url = `${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`
  const along = { character_url, character_timestamps: '1,3' }
  t.equal((await ask('POST', '/v2/videos/generations', { ...order, ...along })).status, 200)
  const [made] = simulator.control.characters()
  t.match(made, { id: /^ch_/, span: { start: 1, end: 3 }, source: { url: character_url } })
  t.match(simulator.control.renders(), [{ characters: [made?.id] }])
  // The variant that nests it, and the same character again.
  t.equal((await ask('POST', '/v2/videos/generations', { ...order, metadata: along })).status, 200)
  t.equal(simulator.control.characters().length, 1)
  const cases = [
    { character_url },
    { character_timestamps: '1,3' },
    { ...along, character_timestamps: '0,9' },
    { ...along, character_timestamps: 'all' },
    { ...along, character_url: 'http://127.0.0.1:9/a.mp4' },
  ]
  for (const wrong of cases)
    t.equal((await ask('POST', '/v2/videos/generations', { ...order, ...wrong })).status, 400)
  t.equal(simulator.control.renders().length, 2)
})

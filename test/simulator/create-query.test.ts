import t from 'tap'
import { client, heldClock, read, stage, vendor } from './stage.ts'

/** Create and query, as docs/vendors/resellers.md#create-and-query describes it. */

const order = { model: 'sora-2', prompt: 'a fox by the sea', images: [], duration: 10 }

t.test('the id of a query is the create’s without its prefix, and the create’s is asked for', async (t) => {
  const upstream = vendor('create-query')
  const simulator = await stage(t, [upstream], heldClock())
  t.equal(simulator.baseUrl(upstream.id), `${simulator.origin}/up/create-query`)
  const ask = client(simulator, upstream)
  const created = await ask('POST', '/v1/video/create', {
    ...order,
    orientation: 'landscape',
    size: 'large',
    watermark: false,
    private: true,
  })
  t.match(created.json, {
    id: /^sora-2:[0-9a-f-]{36}$/,
    status: 'pending',
    status_update_time: 1_790_000_000_000,
  })
  const { id } = created.json
  t.match(simulator.control.renders(), [
    { seconds: 10, size: '160x90', extras: { watermark: false, private: true } },
  ])
  const query = () => ask('GET', `/v1/video/query?id=${encodeURIComponent(id)}`)
  t.match((await query()).json, { id: id.slice('sora-2:'.length), status: 'processing', video_url: null })
  const done = (await query()).json
  t.match(done, { status: 'completed', enhanced_prompt: order.prompt, progress: 100 })
  t.equal((await read(await fetch(done.video_url))).headers.get('content-type'), 'video/mp4')
  t.match(await ask('GET', '/v1/video/query?id=5b7d'), { status: 404, json: { code: 'task_not_exist' } })
})

t.test('Yunwu says success where Juxin nests the URL; a failure has a reason', async (t) => {
  const yunwu = vendor('create-query', { id: 'yunwu', statusWords: { completed: 'success' } })
  const juxin = vendor('create-query', { id: 'juxin', urlField: 'detail.draft_info.downloadable_url' })
  const simulator = await stage(t, [yunwu, juxin])
  for (const upstream of [yunwu, juxin]) {
    const ask = client(simulator, upstream)
    const { id } = (await ask('POST', '/v1/video/create', order)).json
    simulator.control.finish(id)
    const { json } = await ask('GET', `/v1/video/query?id=${encodeURIComponent(id)}`)
    if (upstream === yunwu) t.match(json, { status: 'success', video_url: /^http/ })
    else t.match(json, { video_url: undefined, detail: { draft_info: { downloadable_url: /^http/ } } })
    const failing = (await ask('POST', '/v1/video/create', order)).json.id
    simulator.control.failJob(failing, 'processing_error')
    t.match((await ask('GET', `/v1/video/query?id=${encodeURIComponent(failing)}`)).json, {
      status: 'failed',
      fail_reason: /^processing_error: /,
    })
  }
})

t.test('lengths are numbers, images are a list of addresses that are fetched', async (t) => {
  const upstream = vendor('create-query')
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const picture = await import('sharp').then(({ default: sharp }) =>
    sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
      .png()
      .toBuffer(),
  )
  const inline = `data:image/png;base64,${picture.toString('base64')}`
  t.equal((await ask('POST', '/v1/video/create', { ...order, images: [inline] })).status, 200)
  t.match(simulator.control.renders(), [{ reference: { kind: 'image', bytes: picture.length } }])
  const clip = `${simulator.origin}/clips/fox.mp4?seconds=1&size=64x36`
  const cases: [object, RegExp][] = [
    [{ ...order, duration: '10' }, /duration/],
    [{ ...order, duration: 7 }, /duration/],
    [{ ...order, images: inline }, /images/],
    [{ ...order, images: ['http://127.0.0.1:9/a.png'] }, /request to upstream address failed/],
    [{ ...order, images: [clip] }, /expected an image/],
    [{ ...order, orientation: 'round' }, /orientation/],
    [{ ...order, size: 'huge' }, /size/],
    [{ ...order, model: 'veo' }, /model/],
  ]
  for (const [body, words] of cases)
    t.match(await ask('POST', '/v1/video/create', body), { status: 400, text: words })
  t.equal((await ask('POST', '/v1/video/create', { ...order, size: '90x160' })).status, 200)
})

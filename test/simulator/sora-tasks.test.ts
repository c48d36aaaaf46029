import t from 'tap'
import { client, heldClock, read, reseller, stage } from './stage.ts'

const order = { prompt: 'a fox by the sea', duration: 10 }

t.test('a task goes from processing to completed, with a video URL that anybody may fetch', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const created = await ask('POST', '/sora/generate', order)
  t.equal(created.status, 200)
  const { task_id: id } = created.json
  t.same(created.json, { task_id: id })
  t.same((await ask('GET', `/sora/tasks/${id}`)).json, { status: 'processing', progress: 50 })
  const done = (await ask('GET', `/sora/tasks/${id}`)).json
  t.match(done, {
    status: 'completed',
    progress: 100,
    video_url: /\/files\/[0-9a-f]{32}\.mp4\?expires=\d+&signature=/,
  })
  t.ok(done.video_url.startsWith(simulator.origin))
  t.notOk(done.video_url.startsWith(simulator.baseUrl('reseller')))
  const file = await read(await fetch(done.video_url))
  t.equal(file.headers.get('content-type'), 'video/mp4')
  t.equal(file.text.slice(4, 8), 'ftyp')
  t.equal(Number(file.headers.get('content-length')) > 1000, true)
})

t.test('the signed URL dies with its time, and is nothing before the task is done', async (t) => {
  const clock = heldClock()
  const upstream = reseller({ expiresAfterSeconds: 10 })
  const simulator = await stage(t, [upstream], clock)
  const ask = client(simulator, upstream)
  const { task_id: id } = (await ask('POST', '/sora/generate', order)).json
  simulator.control.finish(id)
  const { video_url: url } = (await ask('GET', `/sora/tasks/${id}`)).json
  t.match(url, /expires=1790000010/)
  clock.advance(9_999)
  t.equal((await read(await fetch(url))).status, 200)
  clock.advance(1)
  t.equal((await read(await fetch(url))).status, 403)
  const unknown = await read(await fetch(`${simulator.origin}/files/${'0'.repeat(32)}.mp4`))
  t.equal(unknown.status, 404)
})

t.test('what is not sold or of the wrong type is a 400 that names the parameter', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const cases: [object, string][] = [
    [{ ...order, duration: 7 }, 'duration'],
    [{ ...order, duration: '10' }, 'duration'],
    [{ prompt: 'x' }, 'duration'],
    [{ duration: 10 }, 'prompt'],
    [{ ...order, model: 'veo' }, 'model'],
    [{ ...order, size: '10x10' }, 'size'],
  ]
  for (const [body, param] of cases) {
    const answer = await ask('POST', '/sora/generate', body)
    t.match(answer, { status: 400, json: { error: { param } } })
  }
  t.equal((await ask('POST', '/sora/generate', [])).status, 400)
  t.equal(simulator.control.renders().length, 0)
  t.equal(simulator.control.requests()['reseller']?.create, 7)
})

t.test('an unknown task is 404 task_not_exist, a wrong key 401', async (t) => {
  const upstream = reseller()
  const ask = client(await stage(t, [upstream]), upstream)
  t.match(await ask('GET', '/sora/tasks/task_x'), { status: 404, json: { code: 'task_not_exist' } })
  t.equal((await ask('GET', '/sora/tasks/task_x', undefined, { headers: {} })).status, 401)
})

t.test('a failed task says why as a string, or as an object where the upstream does so', async (t) => {
  const plain = reseller()
  const rich = reseller({ id: 'rich', taskError: 'object', sparse: true })
  const simulator = await stage(t, [plain, rich])
  for (const upstream of [plain, rich]) {
    const ask = client(simulator, upstream)
    const { task_id: id } = (await ask('POST', '/sora/generate', order)).json
    simulator.control.failJob(id, 'processing_error')
    const { json } = await ask('GET', `/sora/tasks/${id}`)
    t.equal(json.status, 'failed')
    if (upstream === plain) t.match(json.error, /^processing_error: We are currently under heavy load/)
    else t.match(json, { error: { code: 'processing_error' }, progress: undefined })
  }
})

import t from 'tap'
import { keys, startGateway } from './gateway.ts'

const hour = 3600_000
const day = 24 * hour
const request = { prompt: 'a harbour at dawn', duration: 10 }

/** Without a key. */
const open = (address: string, init: RequestInit = {}) => fetch(address, init)

t.test('a page shows a video and its first frame without a key', async (t) => {
  const lines: string[] = []
  const gateway = await startGateway(t, {
    server: { cors_origins: ['https://app.example'] },
    onLine: (line) => void lines.push(line),
  })
  const { id, video } = await gateway.generate(request)
  const bytes = (await gateway.call('GET', video.url)).body
  const whole = await open(video.signed_url, { headers: { origin: 'https://app.example' } })
  t.equal(whole.status, 200)
  t.equal(whole.headers.get('access-control-allow-origin'), 'https://app.example')
  t.match(whole.headers.get('access-control-expose-headers'), /Content-Range/)
  t.equal(whole.headers.get('accept-ranges'), 'bytes')
  t.equal(whole.headers.get('content-disposition'), `inline; filename="${id}.mp4"`)
  t.equal(Buffer.compare(Buffer.from(await whole.arrayBuffer()), bytes), 0)
  const part = await open(video.signed_url, { headers: { range: 'bytes=4-7' } })
  t.equal(part.status, 206)
  t.equal(part.headers.get('content-range'), `bytes 4-7/${video.bytes}`)
  t.equal(await part.text(), 'ftyp')
  const head = await open(video.signed_url, { method: 'HEAD' })
  t.equal(head.headers.get('content-length'), String(video.bytes))
  const etag = head.headers.get('etag') ?? ''
  t.equal((await open(video.signed_url, { headers: { 'if-none-match': etag } })).status, 304)
  const picture = await open(video.signed_thumbnail_url)
  t.equal(picture.status, 200)
  t.match(picture.headers.get('content-type'), /^image\//)
  const [, token = ''] = video.signed_url.split('/media/')
  t.ok(token.length > 60)
  t.notOk(
    lines.some((line) => line.includes(token)),
    'what opens a video is in no line of the log',
  )
})

t.test('an answer is the same for half a day, and its addresses hold at least as long', async (t) => {
  const gateway = await startGateway(t)
  const { id } = await gateway.generate(request)
  const read = (headers = {}) => gateway.call('GET', `/generations/${id}`, undefined, headers)
  // The beginning of a window.
  await gateway.advance(12 * hour - (gateway.now() % (12 * hour)))
  const first = await read()
  const etag = first.headers.get('etag') ?? ''
  t.equal(Date.parse(first.body.video.signed_url_expires_at), gateway.now() + day)
  await gateway.advance(12 * hour - 1)
  t.equal((await read({ 'if-none-match': etag })).status, 304)
  t.equal((await open(first.body.video.signed_url)).status, 200)
  await gateway.advance(1)
  const next = await read({ 'if-none-match': etag })
  t.equal(next.status, 200)
  t.not(next.body.video.signed_url, first.body.video.signed_url)
  await gateway.advance(12 * hour)
  for (const address of [first.body.video.signed_url, first.body.video.signed_thumbnail_url]) {
    const over = await open(address)
    t.equal(over.status, 404)
    t.match(await over.json(), { code: 'not_found' })
  }
  t.equal((await open(next.body.video.signed_url)).status, 200)
})

t.test('an address ends with its video', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: 1 } })
  const kept = await gateway.generate(request)
  await gateway.advance(day + hour)
  const { body } = await gateway.call('GET', `/generations/${kept.id}`)
  await gateway.container.removeExpired()
  for (const address of [body.video.signed_url, body.video.signed_thumbnail_url]) {
    const gone = await open(address)
    t.equal(gone.status, 410)
    t.match(await gone.json(), { code: 'video_gone' })
  }
  const deleted = await gateway.generate(request)
  t.equal((await gateway.call('DELETE', `/generations/${deleted.id}`)).status, 204)
  for (const address of [deleted.video.signed_url, deleted.video.signed_thumbnail_url]) {
    const gone = await open(address)
    t.equal(gone.status, 404)
    t.match(await gone.json(), { code: 'not_found' })
  }
})

t.test('lists have the addresses of own videos, and operators get none of others', async (t) => {
  const operator = { scopes: ['generate', 'operate', 'operate_prompts'] }
  const gateway = await startGateway(t, { keys: { other: operator } })
  const { id, video } = await gateway.generate(request)
  const list = await gateway.call('GET', '/generations?signed=true')
  t.strictSame(list.body.data[0].video, video)
  const asOperator = { authorization: `Bearer ${keys.other}` }
  const unsigned = { ...video, signed_url: null, signed_thumbnail_url: null, signed_url_expires_at: null }
  const seen = await gateway.call('GET', `/generations/${id}`, undefined, asOperator)
  t.strictSame(seen.body.video, unsigned)
  t.strictSame((await gateway.call('GET', '/generations')).body.data[0].video, unsigned)
  const listed = await gateway.call('GET', '/generations?signed=true', undefined, asOperator)
  t.strictSame(listed.body.data[0].video, unsigned)
  t.strictSame((await gateway.call('GET', `/generations/${id}`)).body.video, video, 'whoever asked before')
})

t.test('what holds an address is not compressed, so that its length tells nothing', async (t) => {
  const gateway = await startGateway(t)
  const { id } = await gateway.generate(request)
  const encodingOf = async (path: string, method = 'GET') => {
    const { status, headers } = await gateway.call(method, path, undefined, { 'accept-encoding': 'gzip' })
    t.equal(status, 200)
    return headers.get('content-encoding')
  }
  t.equal(await encodingOf('/generations'), 'gzip')
  t.equal(await encodingOf('/generations?signed=true'), null)
  t.equal(await encodingOf(`/generations/${id}`), null)
  t.equal(await encodingOf(`/generations/${id}/cancel`, 'POST'), null)
})

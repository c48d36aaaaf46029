import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { probe } from '../fixtures/ffprobe.ts'
import { keys, startGateway } from './gateway.ts'

const gateway = await startGateway(t)
const other = { authorization: `Bearer ${keys.other}` }
const made = await gateway.generate({ prompt: 'a harbour', duration: 5, size: '240x320' })
const path: string = made.video.url
const { body: whole } = await gateway.call('GET', path)

t.test('the video is what was asked for, as the answer describes it', async (t) => {
  t.match(made, { status: 'completed', duration: 5, size: '240x320' })
  t.same(made.warnings, [])
  t.equal(path, `/generations/${made.id}/video`)
  const answer = await gateway.call('GET', path)
  t.equal(answer.status, 200)
  t.match(Object.fromEntries(answer.headers), {
    'content-type': 'video/mp4',
    'content-length': String(made.video.bytes),
    'accept-ranges': 'bytes',
    etag: `"${made.video.sha256}"`,
    'cache-control': /private.*immutable/,
    'x-content-type-options': 'nosniff',
    'content-disposition': `inline; filename="${made.id}.mp4"`,
  })
  t.equal(whole.length, made.video.bytes)
  t.equal(createHash('sha256').update(whole).digest('hex'), made.video.sha256)

  const file = join(gateway.directory, 'seen.mp4')
  await writeFile(file, whole)
  const { format, streams } = await probe(file)
  t.ok(Math.abs(format.duration - 5) < 0.2, `${format.duration} s`)
  t.match(streams, [{ codec_type: 'video', codec_name: 'h264', width: 240, height: 320 }])
  t.ok((streams[0]?.nb_read_frames ?? 0) > 5, 'every frame can be decoded')
})

t.test('an upstream that sells another length delivers that length, and the answer says so', async (t) => {
  const routing = { upstreams: ['official'] }
  const generation = await gateway.generate({ prompt: 'a harbour', duration: 5, routing })
  t.match(generation.warnings, [{ code: 'duration_adjusted', detail: /8 s/ }])
  const file = join(gateway.directory, 'longer.mp4')
  await writeFile(file, (await gateway.call('GET', generation.video.url)).body)
  const { format, streams } = await probe(file)
  t.ok(Math.abs(format.duration - 8) < 0.2, `${format.duration} s`)
  t.match(streams, [{ width: 320, height: 240 }])
})

t.test('a range answers exactly its bytes', async (t) => {
  const { bytes } = made.video
  const cases: Array<[range: string, start: number, end: number]> = [
    ['bytes=0-0', 0, 0],
    ['bytes=0-99', 0, 99],
    ['bytes=100-', 100, bytes - 1],
    ['bytes=-100', bytes - 100, bytes - 1],
    [`bytes=${bytes - 1}-`, bytes - 1, bytes - 1],
    [`bytes=10-${bytes * 2}`, 10, bytes - 1],
    [`bytes=-${bytes * 2}`, 0, bytes - 1],
  ]
  for (const [range, start, end] of cases) {
    const answer = await gateway.call('GET', path, undefined, { range })
    t.equal(answer.status, 206, range)
    t.equal(answer.headers.get('content-range'), `bytes ${start}-${end}/${bytes}`)
    t.equal(answer.headers.get('content-length'), String(end - start + 1))
    t.ok(answer.body.equals(whole.subarray(start, end + 1)), range)
  }
  for (const range of ['bytes=5-2', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,5-6']) {
    const answer = await gateway.call('GET', path, undefined, { range })
    t.equal(answer.status, 200, `${range} is not one range of bytes`)
    t.equal(answer.body.length, bytes)
  }
  for (const range of [`bytes=${bytes}-`, 'bytes=-0']) {
    t.equal((await gateway.call('GET', path, undefined, { range })).status, 416, range)
  }
})

t.test('pieces put together are the whole', async (t) => {
  const size = Math.ceil(made.video.bytes / 7)
  const pieces = await Promise.all(
    Array.from({ length: 7 }, async (_, index) => {
      const range = `bytes=${index * size}-${(index + 1) * size - 1}`
      return (await gateway.call('GET', path, undefined, { range })).body
    }),
  )
  t.ok(Buffer.concat(pieces).equals(whole))
})

t.test('who has the file is not sent it again, and half of another file is not continued', async (t) => {
  const etag = `"${made.video.sha256}"`
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await gateway.call('GET', path, undefined, { 'if-none-match': tag })
    t.equal(answer.headers.get('content-type'), null)
    t.equal(answer.status, 304, tag)
    t.equal(answer.body.length, 0)
    t.equal(answer.headers.get('etag'), etag)
  }
  t.equal((await gateway.call('GET', path, undefined, { 'if-none-match': '"other"' })).status, 200)
  const range = 'bytes=0-9'
  const same = await gateway.call('GET', path, undefined, { range, 'if-range': etag })
  t.equal(same.status, 206)
  const changed = await gateway.call('GET', path, undefined, { range, 'if-range': '"other"' })
  t.equal(changed.status, 200)
  t.equal(changed.body.length, made.video.bytes)
})

t.test('HEAD says what GET would, without the bytes', async (t) => {
  const get = await gateway.call('GET', path)
  const head = await gateway.call('HEAD', path)
  t.equal(head.status, 200)
  t.equal(head.body.length, 0)
  for (const name of ['content-type', 'content-length', 'etag', 'accept-ranges', 'cache-control']) {
    t.equal(head.headers.get(name), get.headers.get(name), name)
  }
  const known = await gateway.call('HEAD', path, undefined, {
    'if-none-match': get.headers.get('etag') ?? '',
  })
  t.equal(known.status, 304)
})

t.test('the thumbnail is a picture of the video, in its shape', async (t) => {
  const url = `/generations/${made.id}/thumbnail`
  const answers = await Promise.all(Array.from({ length: 5 }, () => gateway.call('GET', url)))
  for (const { status, body } of answers) {
    t.equal(status, 200)
    t.ok(body.equals(answers[0]?.body))
  }
  const { headers, body } = answers[0]!
  t.equal(headers.get('content-type'), 'image/webp')
  const { format, width, height } = await sharp(body).metadata()
  t.equal(format, 'webp')
  t.ok(Math.abs(width / height - 240 / 320) < 0.02, `${width}x${height}`)
  const etag = headers.get('etag') ?? ''
  const known = await gateway.call('GET', url, undefined, { 'if-none-match': etag })
  t.equal(known.status, 304)
  // Caches take the headers of a 304 over into what they have.
  for (const name of ['content-type', 'content-length']) t.equal(known.headers.get(name), null, name)
})

t.test('before the end there is no video yet; after an end without one there is none', async (t) => {
  const { body: queued } = await gateway.call('POST', '/generate', { prompt: 'a harbour', duration: 5 })
  const { body: refused } = await gateway.call('POST', '/generate', { prompt: 'something forbidden' })
  for (const tail of ['video', 'thumbnail']) {
    const early = await gateway.call('GET', `/generations/${queued.id}/${tail}`)
    t.match(early, { status: 409, body: { code: 'video_not_ready' } })
    t.ok(Number(early.headers.get('retry-after')) > 0)
  }
  await gateway.finished(refused.id)
  await gateway.finished(queued.id)
  for (const tail of ['video', 'thumbnail']) {
    const none = await gateway.call('GET', `/generations/${refused.id}/${tail}`)
    t.match(none, { status: 404, body: { code: 'not_found' } })
  }
  t.equal((await gateway.call('GET', `/generations/${queued.id}/video`)).status, 200)
})

t.test('media is served to its own tenant only', async (t) => {
  for (const tail of ['video', 'thumbnail']) {
    const url = `/generations/${made.id}/${tail}`
    t.equal((await gateway.call('GET', url, undefined, other)).status, 404)
    t.equal((await gateway.call('GET', url, undefined, { authorization: '' })).status, 401)
    const etag = { ...other, 'if-none-match': '*' }
    t.equal((await gateway.call('GET', url, undefined, etag)).status, 404, 'not even by its tag')
  }
})

t.test('the video outlives the upstream’s copy, and a restart', async (t) => {
  gateway.simulator.control.reset()
  await gateway.restart()
  const answer = await gateway.call('GET', path)
  t.ok(answer.body.equals(whole))
})

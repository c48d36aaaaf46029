import { Readable } from 'node:stream'
import t from 'tap'
import type { VideoAsset } from '../../src/gateway/domain/generation/generation.ts'
import { Problem } from '../../src/gateway/domain/problem.ts'
import type { ByteRange } from '../../src/gateway/ports/media/media-archive.ts'
import type { OpenMedia } from '../../src/gateway/services/generations/generations.ts'
import { generationId } from './samples.ts'
import { asMaker, createStubs, listen, serve } from './stub-services.ts'

const file = Buffer.from(Array.from({ length: 100 }, (_, i) => i))
const sha256 = 'ab'.repeat(32)
const etag = `"${sha256}"`
const path = `/generations/${generationId}/video`

const asset: VideoAsset = {
  mediaId: 'media_1',
  contentType: 'video/mp4',
  bytes: file.length,
  sha256,
  durationSeconds: 1,
  width: 16,
  height: 16,
  expiredAt: null,
}

/** Stubs whose video is `file`, and how often it was opened. */
function withVideo() {
  const stubs = createStubs()
  const reads: Array<ByteRange | null> = []
  const media: OpenMedia = {
    contentType: 'video/mp4',
    bytes: file.length,
    async *read(range) {
      reads.push(range)
      const bytes = range === null ? file : file.subarray(range.start, range.end + 1)
      yield bytes.subarray(0, 3)
      yield bytes.subarray(3)
    },
  }
  stubs.generations.video = async () => ({ asset, media, link: null })
  stubs.operations.sharedMedia = async (token) => (token === 'good.token' ? media : null)
  return { stubs, reads, media }
}

t.test('the whole video comes with what a cache and a player need', async (t) => {
  const { stubs } = withVideo()
  const app = await serve(t, stubs)
  const answer = await app.inject({ url: path, headers: asMaker })
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.rawPayload, file)
  t.match(answer.headers, {
    'content-type': 'video/mp4',
    'content-length': '100',
    'accept-ranges': 'bytes',
    etag,
    'cache-control': 'private, max-age=31536000, immutable',
    'content-disposition': `inline; filename="${generationId}.mp4"`,
    'x-content-type-options': 'nosniff',
  })
})

t.test('ranges and conditions are answered as RFC 9110 says', async (t) => {
  const { stubs, reads } = withVideo()
  const app = await serve(t, stubs)
  const table: Array<
    [headers: Record<string, string>, status: number, range: string | undefined, bytes: Buffer]
  > = [
    [{ range: 'bytes=10-19' }, 206, 'bytes 10-19/100', file.subarray(10, 20)],
    [{ range: 'bytes=-5' }, 206, 'bytes 95-99/100', file.subarray(95)],
    [{ range: 'bytes=0-1,5-6' }, 200, undefined, file],
    [{ range: 'items=1-2' }, 200, undefined, file],
    [{ range: 'bytes=1-2', 'if-range': etag }, 206, 'bytes 1-2/100', file.subarray(1, 3)],
    [{ range: 'bytes=1-2', 'if-range': '"other"' }, 200, undefined, file],
    [{ range: 'bytes=1-2', 'if-range': `W/${etag}` }, 200, undefined, file],
    [{ range: 'bytes=500-', 'if-range': '"other"' }, 200, undefined, file],
    [{ 'if-none-match': '"other"' }, 200, undefined, file],
    [{ 'if-none-match': etag }, 304, undefined, Buffer.alloc(0)],
    [{ 'if-none-match': '*', range: 'bytes=1-2' }, 304, undefined, Buffer.alloc(0)],
  ]
  for (const [headers, status, range, bytes] of table) {
    const answer = await app.inject({ url: path, headers: { ...asMaker, ...headers } })
    const title = JSON.stringify(headers)
    t.equal(answer.statusCode, status, title)
    t.equal(answer.headers['content-range'], range, title)
    t.equal(answer.headers.etag, etag, title)
    t.strictSame(answer.rawPayload, bytes, title)
    if (status !== 304) t.equal(answer.headers['content-length'], String(bytes.length), title)
  }
  t.equal(reads.length, 9, 'what is not sent is not opened')
})

t.test('a range past the end says how long the file is', async (t) => {
  const { stubs, reads } = withVideo()
  const app = await serve(t, stubs)
  const answer = await app.inject({ url: path, headers: { ...asMaker, range: 'bytes=100-' } })
  t.match(answer.json(), { status: 416, code: 'range_not_satisfiable' })
  t.match(answer.headers, { 'content-range': 'bytes */100', 'content-type': 'application/problem+json' })
  t.strictSame(reads, [])
})

t.test('HEAD has the headers of GET, ignores ranges and opens nothing', async (t) => {
  const { stubs, reads } = withVideo()
  const { url } = await listen(t, stubs)
  for (const headers of [asMaker, { ...asMaker, range: 'bytes=0-1' }]) {
    const answer = await fetch(url + path, { method: 'HEAD', headers })
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('content-length'), '100')
    t.equal(answer.headers.get('etag'), etag)
    t.equal(await answer.text(), '')
  }
  const cached = await fetch(url + path, { method: 'HEAD', headers: { ...asMaker, 'if-none-match': etag } })
  t.equal(cached.status, 304)
  t.strictSame(reads, [])
})

t.test('why there is no video is a problem', async (t) => {
  const { stubs } = withVideo()
  const app = await serve(t, stubs)
  for (const [code, status] of [
    ['video_not_ready', 409],
    ['video_gone', 410],
    ['not_found', 404],
  ] as const) {
    stubs.generations.video = async () => {
      throw new Problem(code, 'No video.')
    }
    const app = await serve(t, stubs)
    const answer = await app.inject({ url: path, headers: asMaker })
    t.match(answer.json(), { status, code })
    t.notOk(answer.headers.etag)
    t.notOk(answer.headers['cache-control'])
  }
  await app.close()
})

t.test('a file that breaks off is cut off and never looks whole', async (t) => {
  const { stubs } = withVideo()
  const media: OpenMedia = {
    contentType: 'video/mp4',
    bytes: 100,
    async *read() {
      yield file.subarray(0, 50)
      throw new Error('the disk is gone')
    },
  }
  stubs.generations.video = async () => ({ asset, media, link: null })
  const { url } = await listen(t, stubs)
  await t.rejects(fetch(url + path, { headers: asMaker }).then(async (answer) => answer.arrayBuffer()))
  t.equal((await fetch(`${url}/health/live`)).status, 200, 'and the process lives')
})

t.test('a file is closed when its reader leaves', async (t) => {
  const { stubs } = withVideo()
  const closed = Promise.withResolvers<void>()
  const read = () => {
    const endless = new Readable({ read: () => void endless.push(Buffer.alloc(64 * 1024)) })
    endless.once('close', closed.resolve)
    return endless
  }
  stubs.generations.video = async () => ({
    asset,
    media: { contentType: 'video/mp4', bytes: 1e12, read },
    link: null,
  })
  const { url } = await listen(t, stubs)
  const leave = new AbortController()
  const answer = await fetch(url + path, { headers: asMaker, signal: leave.signal })
  await answer.body?.getReader().read()
  leave.abort()
  await closed.promise
})

t.test('the thumbnail is a picture with a tag of its own', async (t) => {
  const { stubs } = withVideo()
  stubs.generations.thumbnail = async () => ({
    contentType: 'image/webp',
    bytes: new Uint8Array([1, 2, 3]),
    etag: 'pic',
  })
  const app = await serve(t, stubs)
  const url = `/generations/${generationId}/thumbnail`
  const answer = await app.inject({ url, headers: asMaker })
  t.match(answer.headers, {
    'content-type': 'image/webp',
    'content-length': '3',
    etag: '"pic"',
    'x-content-type-options': 'nosniff',
  })
  t.strictSame([...answer.rawPayload], [1, 2, 3])
  const cached = await app.inject({ url, headers: { ...asMaker, 'if-none-match': '"pic"' } })
  t.equal(cached.statusCode, 304)
  t.equal(cached.body, '')
})

t.test('a signed link needs no key, and a wrong one is not found', async (t) => {
  const { stubs } = withVideo()
  const app = await serve(t, stubs)
  const answer = await app.inject({ url: '/media/good.token', headers: { range: 'bytes=2-3' } })
  t.equal(answer.statusCode, 206)
  t.strictSame(answer.rawPayload, file.subarray(2, 4))
  const head = await app.inject({ method: 'HEAD', url: '/media/good.token' })
  t.match(head.headers, { 'content-length': '100', 'content-type': 'video/mp4' })
  for (const token of ['bad.token', 'with%2Fslash', 'x'.repeat(2000)]) {
    const refused = await app.inject({ url: `/media/${token}` })
    t.match(refused.json(), { status: 404, code: 'not_found' }, token.slice(0, 20))
  }
})

t.test('a caller who may follow is sent to the storage, and everybody else is served', async (t) => {
  const { stubs, reads, media } = withVideo()
  const names: string[] = []
  const link = async (name: string) => {
    names.push(name)
    return 'https://bucket.example/video?X-Amz-Signature=abc'
  }
  stubs.generations.video = async () => ({ asset, media, link })
  const app = await serve(t, stubs)
  for (const more of [{}, { range: 'bytes=0-9' }, { 'if-none-match': '"of the bucket"' }]) {
    const answer = await app.inject({ url: path, headers: { ...asMaker, ...more } })
    t.equal(answer.statusCode, 302)
    t.match(answer.headers, {
      location: 'https://bucket.example/video?X-Amz-Signature=abc',
      'cache-control': 'no-store',
      'content-length': '0',
    })
  }
  t.same(new Set(names), new Set([`${generationId}.mp4`]))
  t.equal((await app.inject({ url: path, headers: { ...asMaker, 'if-none-match': etag } })).statusCode, 304)
  t.equal((await app.inject({ method: 'HEAD', url: path, headers: asMaker })).statusCode, 200)
  t.equal((await app.inject({ url: `/media/good.token` })).statusCode, 200)
  t.same(reads, [null], 'only the link without a key was served from here')
  const [, key = ''] = asMaker.authorization.split(' ')
  t.equal((await app.inject({ url: path, headers: { 'api-key': key } })).statusCode, 200)
  t.equal(names.length, 3, 'a header that clients send on to where they are sent')
})

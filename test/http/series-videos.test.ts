import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { SeriesManifest } from '../../src/gateway/domain/series/manifest.ts'
import type { SeriesVideos } from '../../src/gateway/services/series-results/series-results.ts'
import { createdAt, seriesId } from './samples.ts'
import { asMaker, createStubs, listen, serve } from './stub-services.ts'

const path = `/series/${seriesId}/videos.zip`
const chunk = Buffer.alloc(64 * 1024)

function manifest(name: string | null): SeriesManifest {
  return { seriesId, name, createdAt, scenes: [] }
}

/** Stubs with one video of 4 GB, made as it is read. */
function withHugeVideo(name: string | null = null) {
  const stubs = createStubs()
  const seen = { chunks: 0, closed: false }
  const bytes = 65_536 * chunk.length
  const file: SeriesVideos['files'][number] = {
    name: '001.mp4',
    bytes,
    completedAt: createdAt,
    async *read() {
      try {
        for (; seen.chunks < 65_536; seen.chunks++) yield chunk
      } finally {
        seen.closed = true
      }
    },
  }
  stubs.seriesResults.videos = async () => ({ manifest: manifest(name), files: [file] })
  return { stubs, seen }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !holds(); tries++) await pause(10)
  if (!holds()) throw new Error('it never came to that')
}

t.test('who stops reading an archive gets no more of it read, and who goes closes it', async (t) => {
  const { stubs, seen } = withHugeVideo()
  const { url } = await listen(t, stubs)
  const leave = new AbortController()
  const answer = await fetch(url + path, { headers: asMaker, signal: leave.signal })
  t.equal(answer.status, 200)
  t.ok(Number(answer.headers.get('content-length')) > 2 ** 32)
  let before = -1
  while (before !== seen.chunks) {
    before = seen.chunks
    for (let i = 0; i < 20; i++) await fetch(`${url}/health/live`).then((live) => live.text())
  }
  t.ok(seen.chunks < 1000, `${seen.chunks} of 65536 pieces read`)
  t.notOk(seen.closed)
  leave.abort()
  await until(() => seen.closed)
  t.ok(seen.closed)
})

t.test('an archive whose video goes missing on the way ends broken, not complete', async (t) => {
  const stubs = createStubs()
  const read = async function* () {
    yield chunk
    throw new Error('ENOENT')
  }
  const file = { name: '001.mp4', bytes: 10 * chunk.length, completedAt: createdAt, read }
  stubs.seriesResults.videos = async () => ({ manifest: manifest(null), files: [file] })
  const { url } = await listen(t, stubs)
  const answer = await fetch(url + path, { headers: asMaker })
  t.equal(answer.status, 200)
  await t.rejects(answer.arrayBuffer())
})

t.test('an archive is saved under the name of the series in any script', async (t) => {
  const named: Array<[name: string | null, disposition: string]> = [
    [null, `attachment; filename=${seriesId}.zip`],
    ['A day: at the sea', 'attachment; filename=a-day-at-the-sea.zip'],
    ['海边', `attachment; filename=${seriesId}.zip; filename*=UTF-8''%E6%B5%B7%E8%BE%B9.zip`],
    ['"\r\nx: y', 'attachment; filename=x-y.zip'],
  ]
  for (const [name, disposition] of named) {
    const { stubs, seen } = withHugeVideo(name)
    const app = await serve(t, stubs)
    const { headers, statusCode } = await app.inject({ method: 'HEAD', url: path, headers: asMaker })
    t.equal(statusCode, 200)
    t.equal(headers['content-disposition'], disposition)
    t.equal(seen.chunks, 0, 'HEAD opens nothing')
  }
})

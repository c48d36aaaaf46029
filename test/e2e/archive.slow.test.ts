import { createHash } from 'node:crypto'
import t from 'tap'
import { z } from 'zod'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { systemDisk } from '../../src/gateway/media/disk.ts'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { aClip, anAvi } from '../fixtures/clips.ts'
import { listen, startHttp } from '../upstreams/loopback.ts'
import { eachUpstream, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

const gateway = await startGateway(t)
const { control } = gateway.simulator
const clip = await aClip({ seconds: 8, width: 320, height: 240 })
const sha256 = createHash('sha256').update(clip).digest('hex')

/** Where a wrapped upstream says that a video is. */
const addressed = z.object({ first: z.json(), signature: z.number() })

t.beforeEach(() => control.reset())

async function accept(upstream: string, from: Gateway = gateway): Promise<string> {
  const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: [upstream] } }
  const accepted = await from.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

async function see(id: string, from: Gateway = gateway): Promise<Answer['body']> {
  return (await from.call('GET', `/generations/${id}`)).body
}

function created(upstream: string, from: Gateway = gateway): number {
  return from.simulator.control.requests()[upstream]?.create ?? 0
}

async function video({ id }: Answer['body'], from: Gateway = gateway): Promise<Buffer> {
  return (await from.call('GET', `/generations/${id}/video`)).body
}

/** A file host on another port than any upstream. `answers` are sent in order, the last one repeatedly. */
async function filesElsewhere(
  test: Parameters<typeof startHttp>[0],
  answers: ((response: Parameters<Parameters<typeof startHttp>[1]>[1]) => void)[],
) {
  const server = await startHttp(test, (_request, response) => {
    const answer = answers[Math.min(server.seen.length, answers.length) - 1]
    answer?.(response)
  })
  return { ...server, url: `http://127.0.0.1:${server.port}/signed/v.mp4?sig=1` }
}

const bytes =
  (body: Uint8Array, headers: Record<string, string> = {}) =>
  (response: Parameters<Parameters<typeof startHttp>[1]>[1]): void => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': body.length, ...headers })
    response.end(body)
  }

const passing: FaultInput[] = [
  { kind: 'not_ready' },
  { kind: 'expired', status: 404 },
  { kind: 'expired', status: 403 },
  { kind: 'wrong_type', body: 'html' },
  { kind: 'wrong_type', body: 'json' },
  { kind: 'truncated', keep: 0.01 },
  { kind: 'truncated', keep: 0.99 },
  { kind: 'redirect', to: 'self' },
  { kind: 'redirect', to: 'https://' },
  { kind: 'redirect', to: 'file:///etc/passwd' },
  { kind: 'server_error', on: ['content'] },
  { kind: 'unauthorized', on: ['content'] },
  { kind: 'rate_limited', retryAfterSeconds: 20, on: ['content'] },
  { kind: 'reset', on: ['content'] },
  { kind: 'down', answer: 'destroy', on: ['content'] },
]
for (const fault of passing) {
  const what = Object.values(fault).flat().join(' ')
  t.test(`a download that meets "${what}" is made again, and the video is not`, async (t) => {
    for (const upstream of ['reseller', 'official']) {
      control.setFaults(upstream, [{ ...fault, times: 2 }])
      const generation = await gateway.finished(await accept(upstream))
      t.match(generation, { status: 'completed', attempts: [{ state: 'succeeded' }] })
      const stored = await video(generation)
      t.equal(createHash('sha256').update(stored).digest('hex'), generation.video.sha256)
      t.equal(control.requests()[upstream]?.content, 3)
      t.equal(created(upstream), 1)
      t.equal(generation.cost_usd, control.bill().upstreams[upstream]?.billedUsd)
    }
  })
}

t.test('a video whose address comes late, or whose bytes come slowly, is delivered', async (t) => {
  control.setFaults('reseller', [
    { kind: 'no_url', times: 5 },
    { kind: 'drip', bytesPerSecond: 100_000 },
  ])
  const generation = await gateway.finished(await accept('reseller'))
  t.match(generation, { status: 'completed' })
  t.equal((await video(generation)).length, generation.video.bytes)
  t.equal(created('reseller'), 1)
})

t.test('a redirect to another host is followed, without the key', async (t) => {
  for (const upstream of ['reseller', 'official']) {
    const elsewhere = await filesElsewhere(t, [bytes(clip)])
    control.setFaults(upstream, [{ kind: 'redirect', to: elsewhere.url }])
    const generation = await gateway.finished(await accept(upstream))
    t.match(generation, { status: 'completed', video: { sha256 } })
    t.match(elsewhere.seen, [{ url: '/signed/v.mp4?sig=1' }])
    t.notOk(JSON.stringify(elsewhere.seen[0]?.headers).includes('key'), 'the key stays at home')
  }
})

t.test('a redirect to a private address is not followed, and the paid video is waited for', async (t) => {
  const { createServer } = await import('node:net')
  const inner = await listen(t, createServer(), '127.0.0.2')
  for (const upstream of ['reseller', 'official']) {
    control.setFaults(upstream, [{ kind: 'redirect', to: `http://127.0.0.2:${inner.port}/v.mp4`, times: 3 }])
    const generation = await gateway.finished(await accept(upstream))
    t.match(generation, { status: 'completed', attempts: [{ state: 'succeeded' }] })
    t.equal(created(upstream), 1)
  }
  t.equal(inner.connections(), 0)
})

t.test('bytes that claim to be the video and are not all of it are never delivered', async (t) => {
  const cut = clip.subarray(0, clip.length - 100)
  const noFrames = Buffer.from(clip)
  noFrames.writeUInt32BE(clip.length, clip.indexOf('mdat') - 4)
  const bad = [
    bytes(cut),
    bytes(clip.subarray(0, 40)),
    bytes(noFrames),
    bytes(Buffer.alloc(5000)),
    bytes(Buffer.from('<html>gone</html>')),
    bytes(Buffer.from('{"error":"gone"}')),
    bytes(Buffer.alloc(0)),
    // HTTP itself cuts a body above the declared length; a shorter one is a broken connection.
    bytes(clip, { 'content-length': String(clip.length - 50) }),
    (response: Parameters<ReturnType<typeof bytes>>[0]) => {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(clip.length) })
      response.write(cut, () => response.destroy())
    },
    (response: Parameters<ReturnType<typeof bytes>>[0]) => {
      response.writeHead(200, { 'content-type': 'video/mp4' })
      response.end(cut)
    },
  ]
  const elsewhere = await filesElsewhere(t, [...bad, bytes(clip)])
  control.setFaults('official', [{ kind: 'redirect', to: elsewhere.url }])
  const files = await gateway.files()
  const id = await accept('official')
  for (let step = 0; elsewhere.seen.length < bad.length && step < 3000; step++) {
    await gateway.advance(1000)
    t.match(await see(id), { status: /queued|in_progress/, video: null })
    t.same(await gateway.files(), files, 'no half of it lies about')
  }
  t.match(await gateway.finished(id), { status: 'completed', video: { sha256, bytes: clip.length } })
  t.equal(elsewhere.seen.length, bad.length + 1)
  t.equal(created('official'), 1)
})

t.test('an address that is gone for good ends as archive_failed: paid once, made once', async (t) => {
  for (const upstream of ['reseller', 'official']) {
    control.setFaults(upstream, [{ kind: 'expired', status: 403 }])
    const generation = await gateway.finished(await accept(upstream))
    t.match(generation, {
      status: 'failed',
      error: { code: 'archive_failed' },
      attempts: [
        { state: 'failed', failure: { code: 'archive_failed', fallback: false }, cost_state: 'settled' },
      ],
    })
    t.equal(generation.cost_usd, control.bill().upstreams[upstream]?.billedUsd)
    t.equal(control.requests()[upstream]?.content, 3, 'once may be a cache')
    t.equal(created(upstream), 1)
  }
})

t.test('an address that has run out is asked for anew', async (t) => {
  let polls = 0
  const fetched: unknown[] = []
  const directory = eachUpstream((upstream) => ({
    async poll(operation) {
      const report = await upstream.poll(operation)
      if (report.type !== 'completed') return report
      polls += 1
      return { ...report, result: { first: report.result, signature: polls } }
    },
    fetchVideo(operation, result) {
      const { first, signature } = addressed.parse(result)
      fetched.push(signature)
      if (signature === 1) return Promise.resolve({ type: 'gone', message: 'The address has expired.' })
      return upstream.fetchVideo(operation, first)
    },
  }))
  const own = await startGateway(t, { wrap: { directory } })
  const id = await accept('reseller', own)
  t.match(await own.finished(id), { status: 'completed', attempts: [{ state: 'succeeded' }] })
  t.same(fetched, [1, 2])
  t.equal(created('reseller', own), 1)
})

t.test('a full disk keeps a paid video waiting, says so, and stores it once there is room', async (t) => {
  let full = false
  const disk = {
    ...systemDisk,
    async open(path: string, flags: 'wx' | 'r') {
      const file = await systemDisk.open(path, flags)
      return {
        async writeFile(chunk: Uint8Array) {
          if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' })
          await file.writeFile(chunk)
        },
        sync: () => file.sync(),
        close: () => file.close(),
      }
    },
  }
  const archive = await createFileArchive({ directory: t.testdir(), disk })
  t.teardown(() => archive.close())
  const own = await startGateway(t, { wrap: { archive: () => archive } })
  full = true
  const id = await accept('official', own)
  // More than the number of tries of a failing download.
  for (let minute = 0; minute < 40; minute++) await own.advance(60_000)
  t.match(await see(id, own), {
    status: 'in_progress',
    progress: 99,
    error: null,
    attempts: [{ state: 'archiving', cost_usd: 0.8, cost_state: 'settled' }],
  })
  t.equal(created('official', own), 1)
  t.match(await own.call('GET', '/health/ready'), {
    status: 503,
    body: {
      checks: [
        {},
        {
          name: 'media',
          ok: false,
          detail: 'The archive is not writable. Check the disk and its permissions.',
        },
      ],
    },
  })
  full = false
  t.match(await own.call('GET', '/health/ready'), { body: { checks: [{}, { name: 'media', ok: true }] } })
  const generation = await own.finished(id)
  t.match(generation, { status: 'completed', cost_usd: 0.8 })
  t.equal((await video(generation, own)).length, generation.video.bytes)
  t.equal(created('official', own), 1)
})

t.test('a result in WebM or Matroska is kept and served as what it is', async (t) => {
  for (const [container, contentType, extension] of [
    ['webm', 'video/webm', 'webm'],
    ['matroska', 'video/x-matroska', 'mkv'],
  ] as const) {
    const made = await aClip({ seconds: 2, width: 320, height: 240, container })
    const elsewhere = await filesElsewhere(t, [bytes(made)])
    control.setFaults('official', [{ kind: 'redirect', to: elsewhere.url }])
    const generation = await gateway.finished(await accept('official'))
    t.match(generation, {
      status: 'completed',
      video: { content_type: contentType, bytes: made.length },
    })
    for (const path of [`/generations/${generation.id}/video`, `/v1/videos/${generation.id}/content`]) {
      const answer = await gateway.call('GET', path)
      t.equal(answer.status, 200)
      t.equal(answer.headers.get('content-type'), contentType)
      t.match(answer.headers.get('content-disposition'), `${generation.id}.${extension}"`)
      t.ok(made.equals(answer.body))
    }
    t.match(await gateway.call('GET', `/generations/${generation.id}/thumbnail`), { status: 200 })
    t.equal(elsewhere.seen.length, 1)
    t.equal(created('official'), 1)
    control.reset()
  }
})

t.test(
  'a result that is AVI ends at once as archive_failed, which names it: paid, shown, made once',
  async (t) => {
    for (const label of ['video/mp4', 'video/x-msvideo']) {
      const elsewhere = await filesElsewhere(t, [bytes(anAvi(), { 'content-type': label })])
      control.setFaults('official', [{ kind: 'redirect', to: elsewhere.url }])
      const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: ['official', 'reseller'] } }
      const { id } = (await gateway.call('POST', '/generate', asked)).body
      const generation = await gateway.finished(id)
      t.match(generation, {
        status: 'failed',
        error: { code: 'archive_failed', message: /video\/vnd\.avi/ },
        attempts: [
          { state: 'failed', failure: { code: 'archive_failed', fallback: false }, cost_state: 'settled' },
        ],
      })
      t.equal(generation.attempts.length, 1)
      t.equal(generation.cost_usd, control.bill().upstreams['official']?.billedUsd)
      t.equal(elsewhere.seen.length, 1, 'the next download would have the same bytes')
      t.equal(created('official') + created('reseller'), 1)
      control.reset()
    }
  },
)

import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createFrames } from '../../src/gateway/media/frames/frames.ts'
import type { S3Limits } from '../../src/gateway/media/s3/requests/s3-client.ts'
import { createS3Archive } from '../../src/gateway/media/s3/s3-archive.ts'
import { bytesOf, mediaId, rules, shape, source } from '../contract/media-archive-builders.ts'
import { keys as studioKeys, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { aClip } from '../fixtures/clips.ts'
import { skipWithout } from '../observe/programs.ts'
import { startFaultProxy } from '../s3/fault-proxy.ts'
import type { FaultProxy } from '../s3/fault-proxy.ts'
import { keys, startS3Proxy } from '../s3/s3proxy.ts'

const skip = skipWithout('java', 'mvn')
/** The largest file in bytes that is sent as a whole, so that a clip is, or is not. */
const [inParts, asWhole] = [1000, 100_000_000]
/** Longer than the answer of a test write holds. */
const heldMs = 12_000

if (skip !== false) t.test('media in a bucket that fails', { skip }, () => Promise.resolve())
else {
  const server = await startS3Proxy()
  const frames = createFrames()
  t.teardown(async () => {
    frames.close()
    await server.stop()
  })
  const clip = await aClip(shape)
  const whole = createHash('sha256').update(clip).digest('hex')
  let buckets = 0

  const bucketBehindFaults = async (t: Test) => {
    const proxy = await startFaultProxy(server.endpoint)
    t.teardown(() => proxy.close())
    return { proxy, place: await server.bucket(`failing-${buckets++}`, proxy.url) }
  }

  const archiveBehindFaults = async (t: Test, { limits, single }: { limits?: S3Limits; single: number }) => {
    const { proxy, place } = await bucketBehindFaults(t)
    const archive = await createS3Archive({
      place,
      keys,
      prefix: 'videos',
      buffer: t.testdir(),
      bufferBytes: 100_000_000,
      frames,
      ...(limits !== undefined && { limits }),
      sizes: { single, part: 8 * 1024 * 1024, copy: 100_000_000, copyPart: 100_000_000 },
    })
    return { proxy, archive }
  }

  const gatewayBehindFaults = async (t: Test, { secretKey = keys.secretKey } = {}) => {
    const { proxy, place } = await bucketBehindFaults(t)
    const lines: string[] = []
    const media = {
      url: `s3://${place.bucket}/understudy`,
      endpoint: proxy.url,
      access_key: keys.accessKey,
      secret_key: secretKey,
      buffer_directory: t.testdir(),
    }
    const gateway = await startGateway(t, { media, onLine: (line) => lines.push(line) })
    return { proxy, gateway, media, lines }
  }

  const full = { type: 'answer', status: 507, code: 'XMinioStorageFull' } as const
  const fills = (proxy: FaultProxy, isFull: boolean): void =>
    proxy.fault(({ method }) => (isFull && (method === 'PUT' || method === 'POST') ? full : null))

  t.test('a bucket that takes no more bytes counts as no space, whatever it calls that', async (t) => {
    const codes = [
      [507, 'XMinioStorageFull'],
      [507, null],
      [400, 'QuotaExceeded'],
      [403, 'QuotaExceeded'],
      [400, 'XMinioAdminBucketQuotaExceeded'],
    ] as const
    for (const single of [inParts, asWhole]) {
      const { proxy, archive } = await archiveBehindFaults(t, { single })
      const [kept, refused] = [mediaId(), mediaId()]
      t.match(await archive.put(kept, source(clip), rules()), { type: 'stored' })
      for (const [status, code] of single === asWhole ? codes : codes.slice(0, 1)) {
        proxy.fault(({ method }) => (method === 'PUT' ? { type: 'answer', status, code } : null))
        const outcome = await archive.put(refused, source(clip), rules())
        t.match(outcome, { type: 'no_space', message: /bucket is full/ }, `${status} ${code}`)
        t.equal(await archive.copy(kept, refused), 'no_space', `${status} ${code}`)
      }
      proxy.fault(() => null)
      t.equal(await archive.size(refused), null)
      t.equal(await archive.listing.abandonUploads(Date.now() + 60_000), 0, 'no upload is left open')
      t.ok((await bytesOf(archive.read(kept, null))).equals(clip))
      t.match(await archive.put(refused, source(clip), rules()), { type: 'stored' })
    }
  })

  t.test('a full bucket keeps a paid video waiting, and stores it once there is room', async (t) => {
    const { proxy, gateway } = await gatewayBehindFaults(t)
    fills(proxy, true)
    const id = await accept(gateway)
    t.match(await gateway.call('GET', '/health/ready'), {
      status: 503,
      body: { checks: [{}, { name: 'media', ok: false, detail: /^The bucket is full\. Raise its quota/ }] },
    })
    // More than the number of tries of a failing download.
    for (let minute = 0; minute < 26; minute++) await gateway.advance(60_000)
    t.match((await gateway.call('GET', `/generations/${id}`)).body, {
      status: 'in_progress',
      error: null,
      attempts: [{ state: 'archiving', cost_state: 'settled' }],
    })
    const body = new FormData()
    body.set('name', 'coffee_girl')
    body.set('description', 'as she was')
    body.set('video', new Blob([new Uint8Array(clip)]), 'clip.mp4')
    t.equal((await gateway.call('POST', '/characters', body)).status, 507)
    fills(proxy, false)
    await delivered(t, gateway, id)
    t.equal(await readyAgain(gateway), 200)
  })

  t.test('a wrong secret is told in words, and the video is stored once it is right', async (t) => {
    const { gateway, media, lines } = await gatewayBehindFaults(t, { secretKey: 'a-secret-of-another-test' })
    const words = /refuses the gateway\. Check media\.access_key, media\.secret_key.*SignatureDoesNotMatch/
    t.match(await gateway.call('GET', '/health/ready'), {
      status: 503,
      body: { checks: [{}, { name: 'media', ok: false, detail: words }] },
    })
    const id = await accept(gateway)
    for (let minute = 0; minute < 3; minute++) await gateway.advance(60_000)
    t.match((await gateway.call('GET', `/generations/${id}`)).body, {
      status: 'in_progress',
      attempts: [{ state: 'archiving', last_error: { message: words } }],
    })
    t.ok(
      lines.some((line) => words.test(line)),
      'the log says it too',
    )
    t.notOk(
      lines.some((line) => /secret-of-a/.test(line)),
      'and not the secret',
    )
    media.secret_key = keys.secretKey
    await gateway.restart()
    await delivered(t, gateway, id)
    t.match(await gateway.call('GET', '/health/ready'), { status: 200 })
  })

  t.test('an upload that is cut is sent again, and a video survives more cuts than tries', async (t) => {
    const { proxy, gateway } = await gatewayBehindFaults(t)
    for (const cuts of [2, 5]) {
      let left = cuts
      proxy.fault(({ method }) =>
        method === 'PUT' && left-- > 0 ? { type: 'cut_upload', afterBytes: 5000 } : null,
      )
      await delivered(t, gateway, await accept(gateway), cuts === 2 ? 1 : 2)
      t.ok(left <= 0)
    }
  })

  t.test('an upload whose answers are lost is stored once', async (t) => {
    for (const single of [inParts, asWhole]) {
      const { proxy, archive } = await archiveBehindFaults(t, { single })
      const lost = new Set<string>()
      proxy.fault(({ method, query }) => {
        const what = `${method} ${[...query.keys()].toSorted().join()}`
        if ((method !== 'PUT' && method !== 'POST') || lost.has(what)) return null
        lost.add(what)
        return { type: 'cut_answer' }
      })
      const id = mediaId()
      t.match(await archive.put(id, source(clip), rules()), { type: 'stored', info: { sha256: whole } })
      t.equal(lost.size, single === inParts ? 3 : 1)
      t.ok((await bytesOf(archive.read(id, null))).equals(clip))
    }
  })

  t.test('a download that is cut is continued, or breaks visibly', async (t) => {
    const { proxy, gateway } = await gatewayBehindFaults(t)
    const id = await accept(gateway)
    const { video } = await delivered(t, gateway, id)
    const path = `/generations/${id}/video`
    const cutting = (cuts: number): void => {
      let left = cuts
      proxy.fault(({ method }) =>
        method === 'GET' && left-- > 0 ? { type: 'cut_download', afterBytes: 3000 } : null,
      )
    }
    cutting(3)
    const continued = await gateway.call('GET', path)
    t.equal(createHash('sha256').update(continued.body).digest('hex'), video.sha256)
    cutting(3)
    const part = await gateway.call('GET', path, undefined, { range: 'bytes=1000-19999' })
    t.equal(part.status, 206)
    t.ok(part.body.equals(continued.body.subarray(1000, 20_000)))

    let first = true
    proxy.fault(({ method }) => {
      if (method !== 'GET') return null
      const isFirst = first
      first = false
      return isFirst
        ? { type: 'cut_download', afterBytes: 3000 }
        : { type: 'answer', status: 500, code: null }
    })
    await t.rejects(gateway.call('GET', path), 'half a video is not an answer')
    const headers = { authorization: `Bearer ${studioKeys.studio}` }
    const refused = await fetch(`${gateway.address}${path}`, { headers })
    await refused.arrayBuffer()
    t.equal(refused.status, 503)
    proxy.fault(() => null)
    t.equal((await gateway.call('GET', path)).body.length, video.bytes)
  })
}

async function accept(gateway: Gateway): Promise<string> {
  const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: ['official'] } }
  const accepted = await gateway.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

/** Waits for the video, and checks that its bytes come and that no other render was bought. */
async function delivered(t: Test, gateway: Gateway, id: string, renders = 1) {
  const generation = await gateway.finished(id)
  t.match(generation, { status: 'completed', cost_usd: 0.8, attempts: [{ state: 'succeeded' }] })
  const { body } = await gateway.call('GET', `/generations/${id}/video`)
  t.equal(createHash('sha256').update(body).digest('hex'), generation.video?.sha256)
  t.equal(gateway.simulator.control.requests()['official']?.create, renders, 'rendered once')
  return generation
}

async function readyAgain(gateway: Gateway): Promise<number> {
  for (const until = Date.now() + heldMs; ; await pause(250)) {
    const { status } = await gateway.call('GET', '/health/ready')
    if (status === 200 || Date.now() > until) return status
  }
}

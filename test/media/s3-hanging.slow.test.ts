import { createHash } from 'node:crypto'
import t from 'tap'
import type { Test } from 'tap'
import { createFrames } from '../../src/gateway/media/frames/frames.ts'
import { createS3Archive } from '../../src/gateway/media/s3/s3-archive.ts'
import { bytesOf, mediaId, rules, shape, source } from '../contract/media-archive-builders.ts'
import { startGateway } from '../e2e/gateway.ts'
import { aClip } from '../fixtures/clips.ts'
import { skipWithout } from '../observe/programs.ts'
import { startFaultProxy } from '../s3/fault-proxy.ts'
import type { FaultProxy } from '../s3/fault-proxy.ts'
import { keys, startS3Proxy } from '../s3/s3proxy.ts'

const skip = skipWithout('java', 'mvn')
/** A node may take 20 s to stop, of which work and requests have 10. */
const mostStopMs = 5000
/** Far below what a hang would take without a deadline. */
const mostMs = 20_000
const limits = {
  connectMs: 2000,
  idleMs: 500,
  answerMs: 500,
  requestMs: 2000,
  leastBytesPerSecond: 1_000_000,
  tries: 3,
  retryMs: 10,
}
/** No byte more comes, as far as these limits go. */
const stalled = { type: 'drip', msPerKb: 60_000 } as const

if (skip !== false) t.test('media in a bucket that does not answer', { skip }, () => Promise.resolve())
else {
  const server = await startS3Proxy()
  const frames = createFrames()
  t.teardown(async () => {
    frames.close()
    await server.stop()
  })
  let buckets = 0

  const bucketBehindFaults = async (t: Test) => {
    const proxy = await startFaultProxy(server.endpoint)
    t.teardown(() => proxy.close())
    return { proxy, place: await server.bucket(`hanging-${buckets++}`, proxy.url) }
  }

  const gatewayBehindFaults = async (t: Test) => {
    const { proxy, place } = await bucketBehindFaults(t)
    const media = {
      url: `s3://${place.bucket}/understudy`,
      endpoint: proxy.url,
      access_key: keys.accessKey,
      secret_key: keys.secretKey,
      buffer_directory: t.testdir(),
    }
    return { proxy, gateway: await startGateway(t, { media }) }
  }

  t.test('uploads and downloads that stall end within their deadlines, or go on', async (t) => {
    const { proxy, place } = await bucketBehindFaults(t)
    const buffer = t.testdir()
    const options = { place, keys, prefix: 'videos', buffer, bufferBytes: 100_000_000, frames }
    const [patient, archive] = [await createS3Archive(options), await createS3Archive({ ...options, limits })]
    const clip = await aClip(shape)
    const [kept, id] = [mediaId(), mediaId()]
    proxy.fault(() => ({ type: 'drip', msPerKb: 1 }))
    t.match(await patient.put(kept, source(clip), rules()), { type: 'stored' }, 'what is only slow arrives')
    for (const fault of [{ type: 'hang' }, stalled] as const) {
      proxy.fault(({ method }) => (method === 'PUT' ? fault : null))
      const began = performance.now()
      t.match(await archive.put(id, source(clip), rules()), {
        type: 'unavailable',
        message: /does not respond/,
      })
      t.ok(performance.now() - began < mostMs)
      t.equal(await patient.size(id), null, 'and nothing of it is there')
    }
    let stalls = 3
    proxy.fault(({ method }) => (method === 'GET' && stalls-- > 0 ? stalled : null))
    t.ok((await bytesOf(archive.read(kept, null))).equals(clip), 'a download goes on where it stalled')
    t.ok(stalls < 2, 'more than once')
    proxy.fault(() => ({ type: 'hang' }))
    const began = performance.now()
    await t.rejects(bytesOf(archive.read(kept, null)), /does not respond/)
    await t.rejects(archive.size(kept), /does not respond/)
    t.ok(performance.now() - began < mostMs)
  })

  t.test('a bucket that hangs is told, and the video waits for it and is rendered once', async (t) => {
    const { proxy, gateway } = await gatewayBehindFaults(t)
    const hung = hangs(proxy)
    const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: ['official'] } }
    const { id } = (await gateway.call('POST', '/generate', asked)).body
    const finished = gateway.finished(id)
    await hung
    const began = performance.now()
    t.match(await gateway.call('GET', '/health/ready'), {
      status: 503,
      body: { checks: [{}, { name: 'media', ok: false, detail: /does not respond as it should.*timeout/ }] },
    })
    t.ok(performance.now() - began < mostMs)
    t.match((await gateway.call('GET', `/generations/${id}`)).body, {
      status: 'in_progress',
      attempts: [{ state: 'archiving' }],
    })
    proxy.fault(() => null)
    proxy.cut()
    const { video, cost_usd: cost } = await finished
    t.equal(cost, 0.8)
    const { body } = await gateway.call('GET', `/generations/${id}/video`)
    t.equal(createHash('sha256').update(body).digest('hex'), video.sha256)
    t.equal(gateway.simulator.control.requests()['official']?.create, 1)
  })

  t.test('what waits for a bucket that hangs does not hold up the end of the process', async (t) => {
    const { proxy, gateway } = await gatewayBehindFaults(t)
    const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: ['official'] } }
    await gateway.generate(asked)
    await gateway.restart(0, undefined, true)
    const hung = hangs(proxy)
    // Looks whether the files of the restored records are there.
    const round = gateway.container.runUpkeep().catch((error: unknown) => error)
    await hung
    const began = performance.now()
    await gateway.container[Symbol.asyncDispose]()
    t.match(await round, { name: 'Error', kind: 'passing' })
    t.ok(performance.now() - began < mostStopMs)
  })
}

/** Resolves when the first request hangs. */
function hangs(proxy: FaultProxy): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  proxy.fault(() => {
    resolve()
    return { type: 'hang' }
  })
  return promise
}

import t from 'tap'
import { startGateway } from '../e2e/gateway.ts'
import { skipWithout } from '../observe/programs.ts'
import { startFaultProxy } from '../s3/fault-proxy.ts'
import { keys, startS3Proxy } from '../s3/s3proxy.ts'

const skip = skipWithout('java', 'mvn')
/** A node may take 20 s to stop, of which work and requests have 10. */
const mostStopMs = 5000

if (skip !== false) t.test('media in a bucket that does not answer', { skip }, () => Promise.resolve())
else {
  const server = await startS3Proxy()
  t.teardown(() => server.stop())

  t.test('what waits for a bucket that hangs does not hold up the end of the process', async (t) => {
    const proxy = await startFaultProxy(server.endpoint)
    t.teardown(() => proxy.close())
    const { bucket, endpoint } = await server.bucket('ending', proxy.url)
    const media = {
      url: `s3://${bucket}/understudy`,
      endpoint,
      access_key: keys.accessKey,
      secret_key: keys.secretKey,
      buffer_directory: t.testdir(),
    }
    const gateway = await startGateway(t, { media })
    const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: ['official'] } }
    await gateway.generate(asked)
    await gateway.restart(0, undefined, true)
    const { promise: hangs, resolve } = Promise.withResolvers<void>()
    proxy.fault(() => {
      resolve()
      return { type: 'hang' }
    })
    // Looks whether the files of the restored records are there.
    const round = gateway.container.runUpkeep().catch((error: unknown) => error)
    await hangs
    const began = performance.now()
    await gateway.container[Symbol.asyncDispose]()
    t.match(await round, { name: 'Error', kind: 'passing' })
    t.ok(performance.now() - began < mostStopMs)
  })
}

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import t from 'tap'
import { keys as studioKeys, startGateway } from '../e2e/gateway.ts'
import { skipWithout } from '../observe/programs.ts'
import { startFaultProxy } from '../s3/fault-proxy.ts'
import { keys, startS3Proxy } from '../s3/s3proxy.ts'

const skip = skipWithout('java', 'mvn', 'curl')
const run = promisify(execFile)
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

if (skip !== false) t.test('callers who are sent to the bucket', { skip }, () => Promise.resolve())
else {
  const server = await startS3Proxy()
  t.teardown(() => server.stop())

  t.test('a caller follows a link to the bucket without the key, whole and in parts', async (t) => {
    const lines: string[] = []
    const callers = await startFaultProxy(server.endpoint)
    t.teardown(() => callers.close())
    const { bucket } = await server.bucket('redirecting')
    const asked: Array<string | undefined> = []
    callers.fault(({ headers }) => {
      asked.push(headers.authorization)
      return null
    })
    const gateway = await startGateway(t, {
      onLine: (line) => lines.push(line),
      media: {
        url: `s3://${bucket}/understudy`,
        endpoint: server.endpoint,
        public_endpoint: callers.url,
        downloads: 'redirect',
        access_key: keys.accessKey,
        secret_key: keys.secretKey,
        buffer_directory: t.testdir(),
      },
    })
    const request = { prompt: 'a paper boat', duration: 8, routing: { upstreams: ['official'] } }
    const { id, video } = await gateway.generate(request)
    const url = `${gateway.address}/generations/${id}/video`
    const authorization = `Bearer ${studioKeys.studio}`

    const sent = await fetch(url, { headers: { authorization }, redirect: 'manual' })
    t.equal(sent.status, 302)
    const link = new URL(sent.headers.get('location') ?? '')
    t.equal(link.origin, callers.url)
    t.equal(link.searchParams.get('X-Amz-Expires'), '300')
    t.equal(sent.headers.get('cache-control'), 'no-store')

    const whole = await fetch(url, { headers: { authorization } })
    t.equal(whole.status, 200)
    t.equal(whole.headers.get('content-type'), 'video/mp4')
    t.equal(whole.headers.get('content-disposition'), `inline; filename="${id}.mp4"`)
    const bytes = Buffer.from(await whole.arrayBuffer())
    t.equal(digest(bytes), video.sha256)
    const part = await fetch(url, { headers: { authorization, range: 'bytes=100-299' } })
    t.equal(part.status, 206)
    t.ok(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 300)))
    const beyond = await fetch(url, { headers: { authorization, range: `bytes=${bytes.length}-` } })
    t.equal(beyond.status, 416)
    const { stdout } = await run(
      'curl',
      ['-sSL', '-r', '0-99', '-H', `Authorization: ${authorization}`, url],
      {
        encoding: 'buffer',
      },
    )
    t.ok(stdout.equals(bytes.subarray(0, 100)))
    t.same(new Set(asked), new Set([undefined]), 'the key went nowhere else')

    const wrong = new URL(link)
    wrong.searchParams.set('response-content-type', 'text/html')
    t.equal((await fetch(wrong)).status, 403, 'a link is for what was signed')
    asked.length = 0
    t.equal((await fetch(url, { method: 'HEAD', headers: { authorization } })).status, 200)
    const held = { authorization, 'if-none-match': `"${video.sha256}"` }
    t.equal((await fetch(url, { headers: held })).status, 304)
    const ofSdk = await fetch(`${gateway.address}/v1/videos/${id}/content`, { headers: { authorization } })
    t.equal(digest(new Uint8Array(await ofSdk.arrayBuffer())), video.sha256)
    t.equal(
      (await fetch(`${gateway.address}/generations/${id}/thumbnail`, { headers: { authorization } })).status,
      200,
    )
    t.same(asked, [], 'the gateway answered these itself')

    t.notOk(
      lines.some((line) => /X-Amz-|a-key-of/i.test(line)),
      'no link is in the log',
    )
    await gateway.call('DELETE', `/generations/${id}`)
    t.equal((await fetch(link)).status, 404, 'a link does not outlive its file')
  })
}

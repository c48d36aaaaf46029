import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { createMediaIntake } from '../../src/gateway/services/media/media-intake.ts'
import { createIds } from '../../src/gateway/process/ids.ts'
import { systemClock } from '../../src/gateway/process/system-clock.ts'
import { createRemoteMedia } from '../../src/gateway/upstreams/transport/guard/remote-media.ts'
import { createRemotePost } from '../../src/gateway/upstreams/transport/guard/remote-post.ts'
import type { GuardedFetchOptions } from '../../src/gateway/upstreams/transport/guard/remote-media.ts'
import type { RemoteMedia } from '../../src/gateway/ports/media/remote-media.ts'
import type { UpstreamDirectory } from '../../src/gateway/ports/upstream.ts'
import { fakeResolver } from '../fixtures/fake-resolver.ts'
import { startGateway } from '../e2e/gateway.ts'
import { clip, pages, say } from './pages.ts'
import { book, foreignPorts, privateAddresses, privateNames } from './private-hosts.ts'
import { aBait, aHost, drip } from './peers.ts'

const maxBytes = 300_000

const forbidden = { status: 422, code: 'url_forbidden' }
const unreachable = { status: 422, code: 'url_unreachable' }
const notMedia = { status: 422, code: 'not_media' }
const tooLarge = { status: 413, code: 'payload_too_large' }
const invalid = { status: 400, code: 'validation_failed' }

interface Row {
  url: string
  answer: { status: number; code: string }
}

/** As the host of a URL, and as the end of a redirect. */
const privateHosts = [...privateAddresses, ...privateNames]

function rowsOf(bait: number, open: number): Row[] {
  const at = `http://public.example:${open}`
  const hops = encodeURIComponent
  const named = privateHosts.map((host) => ({ url: `http://${host}:${bait}/x.mp4`, answer: forbidden }))
  const overTls = privateHosts.map((host) => ({ url: `https://${host}:${bait}/x.mp4`, answer: forbidden }))
  // A Location is bytes, not Unicode.
  const redirected = privateHosts.filter(isAscii).map((host) => ({
    url: `${at}/to?${hops(`http://${host}:${bait}/x.mp4`)}`,
    answer: forbidden,
  }))
  const sentTo = (location: string, answer = forbidden): Row => ({
    url: `${at}/to?${hops(location)}`,
    answer,
  })
  const paths = (answer: Row['answer'], ...paths: string[]): Row[] =>
    paths.map((path) => ({ url: at + path, answer }))
  const urls = (answer: Row['answer'], ...urls: string[]): Row[] => urls.map((url) => ({ url, answer }))
  return [
    ...named,
    ...overTls,
    ...redirected,
    sentTo(`//127.0.0.1:${bait}/x`),
    sentTo(`http://user:secret@public.example:${open}/clip.mp4`),
    ...['file:///etc/passwd', 'data:video/mp4;base64,AAAA', 'ftp://public.example/x'].map((to) => sentTo(to)),
    ...['gopher://public.example/x', 'javascript:0', `blob:${at}/clip.mp4`].map((to) => sentTo(to)),
    sentTo('http://8.8.8.8:25/x.mp4'),
    sentTo('http://[::1', unreachable),
    ...paths(unreachable, '/loop', '/nowhere', '/hops?6'),
    ...urls(
      invalid,
      'file:///etc/passwd',
      'ftp://public.example/x',
      'gopher://127.0.0.1:25/_MAIL',
      'ws://public.example/',
    ),
    ...urls(
      invalid,
      'data:video/mp4;base64,AAAA',
      `blob:${at}/clip.mp4`,
      'javascript:0',
      'clip.mp4',
      '//127.0.0.1/x',
    ),
    ...urls(
      invalid,
      'http://',
      'http://[::1',
      'http://[fe80::1%25eth0]/',
      'http://256.1.1.1/',
      'http://127.0.0.1.1/',
    ),
    ...urls(invalid, `http://user@127.0.0.1:${bait}/`, `http://user:secret@public.example:${open}/clip.mp4`),
    ...urls(invalid, `http://public.example:65536/`, `${at}/${'x'.repeat(2100)}`),
    ...urls(forbidden, `http://:secret@127.0.0.1:${bait}/`, `http://127.0.0.1:${bait}\\@public.example/`),
    ...foreignPorts.flatMap((port) => urls(forbidden, `http://8.8.8.8:${port}/x.mp4`)),
    ...urls(unreachable, 'http://nobody.example/', 'http://unknown.example/'),
    ...paths(unreachable, '/206', '/401', '/500', '/gzip', '/zstd', '/twice', '/wide', '/many', '/switch'),
    ...paths(
      unreachable,
      '/short',
      '/half',
      '/long',
      '/negative',
      '/two-lengths',
      '/length-and-chunks',
      '/bad-chunks',
    ),
    ...paths(
      unreachable,
      '/endless-headers',
      '/hints',
      '/silent',
      '/drip-headers',
      '/stuck',
      '/reset',
      '/nonsense',
    ),
    ...paths(notMedia, '/page', '/204', '/empty'),
    ...paths(tooLarge, '/claims', '/endless', '/endless-chunks'),
  ]
}

function isAscii(text: string): boolean {
  return /^[!-~]*$/.test(text)
}

function guardOf(t: Test, deadlines: Pick<GuardedFetchOptions, 'connectMs' | 'headersMs' | 'bodyIdleMs'>) {
  const allowPrivateHosts = ['public.example']
  const guard = createRemoteMedia({
    allowPrivateHosts,
    maxRedirects: 5,
    resolver: fakeResolver(book),
    ...deadlines,
  })
  t.teardown(() => guard.close())
  return guard
}

const late = /\/(hints|silent|stuck|drip-headers)$/

/** A gateway that knows one public host, whose address it would refuse under any other name. */
async function start(t: Test) {
  const bait = await aBait(t)
  const open = await aHost(t, (path, socket) => {
    const [, route, query = ''] = /^(\/[^?]*)\??(.*)$/.exec(path) ?? []
    if (route === '/to') say(socket, '302 Found', '', `location: ${decodeURIComponent(query)}\r\n`)
    else if (route === '/hops' && query !== '0')
      say(socket, '302 Found', '', `location: /hops?${Number(query) - 1}\r\n`)
    else (pages[route ?? ''] ?? pages['/clip.mp4'])?.(socket)
  })
  let upstreams: UpstreamDirectory | undefined
  const patient = guardOf(t, { connectMs: 10_000, headersMs: 10_000, bodyIdleMs: 10_000 })
  const hasty = guardOf(t, { connectMs: 500, headersMs: 100, bodyIdleMs: 300 })
  // A busy machine is slow too: the short deadlines are for those who let them pass.
  const guard: RemoteMedia = {
    fetch: (url, signal) => (late.test(url) ? hasty : patient).fetch(url, signal),
  }
  const gateway = await startGateway(t, {
    media: { max_bytes: maxBytes },
    settings: { reseller: { breaker: { min_calls: 10_000 } } },
    wrap: { remote: () => guard, directory: (directory) => (upstreams = directory) },
  })
  const reseller = () => {
    const upstream = upstreams?.get('reseller')
    if (upstream === undefined) throw new Error('There is no such upstream.')
    return upstream
  }
  return { bait, open, gateway, guard, reseller, at: `http://public.example:${open.port}` }
}

t.test(
  'what a caller may name is refused with a code and a pointer, and nobody private is called',
  async (t) => {
    const { bait, open, gateway, at } = await start(t)
    const rows = rowsOf(bait.port, open.port)
    const ask = async ({ url, answer }: Row, path: string, pointer: string, body: object) => {
      const { status, headers, body: problem } = await gateway.call('POST', path, body)
      const pointers = (problem.errors ?? []).map((fault: { pointer: string }) => fault.pointer)
      const type = headers.get('content-type')
      const said = { status, type, code: problem.code, pointers: [...new Set(pointers)] }
      t.same(
        said,
        { ...answer, type: 'application/problem+json', pointers: [pointer] },
        `${path} ${url.slice(0, 90)}`,
      )
      // The response must not reveal what is at the address. The caller already knows the address.
      if (/secret|127\.0\.0\.1|passwd/.test(JSON.stringify(problem))) t.fail(`${url}: ${problem.detail}`)
    }
    for (let from = 0; from < rows.length; from += 24) {
      await Promise.all(
        rows
          .slice(from, from + 24)
          .flatMap((row) => [
            ask(row, '/characters', '/video_url', { name: 'girl', video_url: row.url }),
            ask(row, '/generate', '/reference/video_url', { prompt: 'x', reference: { video_url: row.url } }),
          ]),
      )
    }
    t.same({ ...bait, port: 0 }, { port: 0, connections: 0, bytes: 0 }, `${rows.length} rows`)
    t.same(await gateway.files(), [])
    t.same((await gateway.call('GET', '/generations')).body.data, [])
    for (const path of ['/clip.mp4', '/hops?5', `/to?${encodeURIComponent('/clip.mp4')}`]) {
      const { status, body } = await gateway.call('POST', '/characters', {
        name: 'good',
        video_url: at + path,
      })
      t.equal(status, 201, `and a good one is taken: ${path}`)
      await gateway.call('DELETE', `/characters/${body.id}`)
    }
    t.notMatch(open.heads.join(), /authorization|cookie|referer|studio-key/i)
  },
)

t.test('the same holds for pictures, for plans and in the compatible interface', async (t) => {
  const { bait, gateway } = await start(t)
  const url = `http://127.0.0.1:${bait.port}/x.png`
  const native = await gateway.call('POST', '/generate', { prompt: 'x', reference: { image_url: url } })
  t.match(native, {
    status: 422,
    body: { code: 'url_forbidden', errors: [{ pointer: '/reference/image_url' }] },
  })
  const videos = { prompt: 'x', input_reference: { image_url: url } }
  const compatible = await gateway.call('POST', '/v1/videos', videos)
  t.match(compatible, { status: 400, body: { error: { message: /not have a public address/ } } })
  await gateway.call('POST', '/route', { prompt: 'x', reference: { video_url: url } })
  t.equal(bait.connections, 0)
})

t.test('a name that changes its address between two looks is believed neither time', async (t) => {
  const bait = await aBait(t)
  const rebinding = fakeResolver({ 'rebind.example': [['8.8.8.8', '127.0.0.1'], ['127.0.0.1']] })
  const guard = createRemoteMedia({
    allowPrivateHosts: [],
    maxRedirects: 5,
    connectMs: 500,
    headersMs: 300,
    bodyIdleMs: 300,
    resolver: rebinding,
  })
  t.teardown(() => guard.close())
  const gateway = await startGateway(t, { wrap: { remote: () => guard } })
  for (let look = 0; look < 4; look++) {
    const video_url = `http://rebind.example:${bait.port}/x.mp4`
    const answer = await gateway.call('POST', '/characters', { name: 'girl', video_url })
    t.match(answer, { status: 422, body: { code: 'url_forbidden', errors: [{ pointer: '/video_url' }] } })
  }
  t.same({ ...bait, port: 0 }, { port: 0, connections: 0, bytes: 0 })
})

t.test('where a vendor says its video is, the same rules hold, and its key stays at home', async (t) => {
  const { bait, open, at, reseller } = await start(t)
  const upstream = reseller()
  const fetchVideo = (url: string) => upstream.fetchVideo({ id: 'job' }, { url })
  const refused = async (url: string) => {
    const fetched = await fetchVideo(url)
    if (fetched.type === 'body') await t.rejects(Array.fromAsync(fetched.body), url.slice(0, 90))
    else t.match(fetched, { type: 'unavailable', message: /^(?!.*breaker)/ }, url.slice(0, 90))
  }
  const rows = rowsOf(bait.port, open.port).filter(({ answer }) => [forbidden, unreachable].includes(answer))
  await Promise.all(rows.map(({ url }) => refused(url)))
  for (const url of ['file:///etc/passwd', 'data:video/mp4;base64,AAAA', `ftp://127.0.0.1:${bait.port}/x`])
    t.equal((await fetchVideo(url)).type, 'unavailable', url)
  t.same({ ...bait, port: 0 }, { port: 0, connections: 0, bytes: 0 })
  const good = await fetchVideo(`${at}/clip.mp4`)
  t.equal(good.type, 'body', 'message' in good ? good.message : '')
  if (good.type === 'body') t.ok(Buffer.concat(await Array.fromAsync(good.body)).equals(clip))
  t.notMatch(open.heads.join(), /authorization|cookie|reseller-key/i)
})

t.test(
  'a body that never ends is given up at the deadline of the whole fetch, however it comes',
  async (t) => {
    const { at, guard } = await start(t)
    const slow = await aHost(t, (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      drip(socket, 'x')
    })
    const archive = await createFileArchive({ directory: t.testdir() })
    t.teardown(() => archive.close())
    const ids = createIds(systemClock)
    const intake = createMediaIntake({ archive, remote: guard, ids, maxBytes, fetchTimeoutMs: 500 })
    const began = performance.now()
    for (const url of [`http://public.example:${slow.port}/`, `${at}/stuck`]) {
      await t.rejects(intake.fromUrl(url, ['video'], '/video_url'), {
        code: 'url_unreachable',
        faults: [{ pointer: '/video_url' }],
      })
    }
    t.ok(performance.now() - began < 5000)
  },
)

t.test('where a webhook goes, the same rules hold', async (t) => {
  const bait = await aBait(t)
  const deadlines = { connectMs: 5000, headersMs: 5000, bodyIdleMs: 5000 }
  const remote = createRemotePost({ allowPrivateHosts: [], resolver: fakeResolver(book), ...deadlines })
  t.teardown(() => remote.close())
  const soon = AbortSignal.timeout(20_000)
  for (const host of privateHosts) {
    for (const scheme of ['http', 'https']) {
      const url = `${scheme}://${host}:${bait.port}/hook`
      const outcome = await remote.post(url, { headers: {}, body: '{}' }, soon)
      t.equal(outcome.type, 'forbidden', url)
    }
  }
  for (const host of privateAddresses)
    t.type(remote.objection(`http://${host}:${bait.port}/hook`), 'string', host)
  for (const port of foreignPorts)
    t.type(remote.objection(`http://8.8.8.8:${port}/hook`), 'string', String(port))
  t.same({ ...bait, port: 0 }, { port: 0, connections: 0, bytes: 0 })
})

t.test('no redirect leads a caller from https to http', async (t) => {
  const pem = readFileSync(new URL('../fixtures/untrusted-host.pem', import.meta.url), 'utf8')
  setDefaultCACertificates([...getCACertificates(), pem])
  const clear = await aHost(t, (_, socket) => say(socket, '200 OK', clip))
  const server = createServer({ key: pem, cert: pem }, ({ url }, response) => {
    const secure = `https://127.0.0.1:${portOf()}/clip.mp4`
    const to = url === '/down' ? `http://127.0.0.1:${clear.port}/clip.mp4` : secure
    if (url === '/clip.mp4') response.end(clip)
    else response.writeHead(302, { location: to }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const portOf = (): number => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
  const gateway = await startGateway(t)
  const ask = (path: string) =>
    gateway.call('POST', '/characters', { name: 'girl', video_url: `https://127.0.0.1:${portOf()}${path}` })
  t.match(await ask('/down'), {
    status: 422,
    body: { code: 'url_forbidden', errors: [{ pointer: '/video_url' }] },
  })
  t.equal(clear.heads.length, 0)
  t.match(await ask('/same'), { status: 201 }, 'to https it may')

  const times = { maxRedirects: 5, connectMs: 5_000, headersMs: 5_000, bodyIdleMs: 5_000 }
  const vendors = createRemoteMedia({ ...times, allowPrivateHosts: ['127.0.0.1'], downgrades: true })
  t.teardown(() => vendors.close())
  const result = await vendors.fetch(`https://127.0.0.1:${portOf()}/down`, AbortSignal.timeout(10_000))
  t.equal(result.type, 'body', 'a paid video may lie there')
})

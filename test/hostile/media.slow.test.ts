import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { mediaId, rules, source } from '../contract/media-archive-builders.ts'
import { startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { aClip } from '../fixtures/clips.ts'
import { form } from '../http/forms.ts'
import { forgedPictures, forgedVideos, otherKinds } from './forged-media.ts'
import type { Forged } from './forged-media.ts'

const clip = await aClip({ seconds: 1, width: 320, height: 240 })
/** The child's own code and libraries take about 100 MB. */
const mostMegabytes = 320
/** Of 15 s that an inspection may take; a machine under load needs some of it to start a child. */
const mostMs = 10_000

async function send(gateway: Gateway, path: '/generate' | '/characters', value: Buffer) {
  const [text, file] =
    path === '/generate' ? (['prompt', 'reference'] as const) : (['name', 'video'] as const)
  const body = form([
    { name: text, value: 'girl' },
    { name: file, value, filename: 'a.mp4', type: 'video/mp4' },
  ])
  const response = await fetch(`${gateway.address}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer studio-iFCx2cAmQ1RIHQSm', ...body.headers },
    body: new Uint8Array(body.payload),
  })
  const answer: any = await response.json()
  const { code, errors = [] } = answer
  const pointers = errors.map((fault: { pointer: string }) => fault.pointer)
  return { status: response.status, code, pointers, answer }
}

/** The most memory that any child of this process ever held, in megabytes; 0 where the system does not tell. */
function largestChild(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
    return Math.max(0, ...children.filter((pid) => pid !== '').map(peakOf))
  } catch {
    return 0
  }
}

function peakOf(pid: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

async function areRefused(t: Test, files: Forged[]): Promise<void> {
  const gateway = await startGateway(t)
  for (const [what, bytes] of files) {
    const began = performance.now()
    for (const [path, pointer] of [
      ['/generate', '/reference'],
      ['/characters', '/video'],
    ] as const) {
      const { answer: _answer, ...said } = await send(gateway, path, bytes)
      t.same(said, { status: 422, code: 'not_media', pointers: [pointer] }, `${what} at ${path}`)
    }
    const [ms, megabytes] = [performance.now() - began, largestChild()]
    if (ms > mostMs || megabytes > mostMegabytes) t.fail(`${what}: ${ms} ms, ${megabytes} MB`)
  }
  t.same(await gateway.files(), [], 'nothing is left of them')
  t.match(await send(gateway, '/characters', clip), { status: 201 }, 'and a good video is taken')
}

t.test('videos that ask for memory, time or bytes that are not there', async (t) =>
  areRefused(t, await forgedVideos()),
)

t.test('pictures that are too large or not whole', async (t) => areRefused(t, await forgedPictures()))

t.test('files of other kinds, and of two kinds at once', async (t) => areRefused(t, await otherKinds()))

t.test('a good file with something behind it is what its first bytes say, and nothing else', async (t) => {
  const gateway = await startGateway(t)
  const page = Buffer.from('<!doctype html><script>alert(1)</script>')
  const made = await send(gateway, '/characters', Buffer.concat([clip, page]))
  t.equal(made.status, 201)
  const { headers } = await gateway.call('GET', `/characters/${made.answer.id}/clip`)
  t.equal(headers.get('content-type'), 'video/mp4')
  t.equal(headers.get('x-content-type-options'), 'nosniff')
})

t.test('what cameras, editors and servers write is still taken', async (t) => {
  const directory = t.testdir()
  const archive = await createFileArchive({ directory })
  t.teardown(() => archive.close())
  const shape = { seconds: 1, width: 320, height: 240 }
  const noise = {
    width: 500,
    height: 400,
    channels: 3,
    noise: { type: 'gaussian', mean: 128, sigma: 60 },
  } as const
  const picture = () => sharp({ create: { ...noise, background: '#000' } })
  const files: Forged[] = [
    ['an index in front', await aClip({ ...shape, audio: true })],
    ['an index behind', await aClip({ ...shape, audio: true, index: 'back' })],
    ['fragments', await aClip({ ...shape, audio: true, index: 'fragments' })],
    ['zero bytes behind it', Buffer.concat([clip, Buffer.alloc(5000)])],
    ['a PNG', await picture().png().toBuffer()],
    ['a PNG of lines in turn', await picture().png({ progressive: true }).toBuffer()],
    ['a JPEG', await picture().jpeg().toBuffer()],
    ['a JPEG of several scans', await picture().jpeg({ progressive: true }).toBuffer()],
    [
      'a JPEG with a second picture behind',
      Buffer.concat([await picture().jpeg().toBuffer(), Buffer.alloc(70_000, 7)]),
    ],
    ['a JPEG with a colour profile', await picture().withIccProfile('p3').jpeg().toBuffer()],
    ['a WebP', await picture().webp().toBuffer()],
    ['a WebP without loss', await picture().webp({ lossless: true }).toBuffer()],
  ]
  for (const [what, bytes] of files) {
    t.match(await archive.put(mediaId(), source(bytes, 50_000), rules()), { type: 'stored' }, what)
  }
  t.same(await readdir(join(directory, 'tmp')), [])
})

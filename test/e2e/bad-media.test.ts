import { setTimeout as pause } from 'node:timers/promises'
import sharp from 'sharp'
import t from 'tap'
import { aClip } from '../fixtures/clips.ts'
import {
  gateway,
  origin,
  control,
  own,
  clip,
  generate,
  character,
  multipart,
  invalid,
  upload,
  send,
  isProblem,
  isUntouched,
  isServing,
  areRefused,
} from './bad-input-stage.ts'

/** Polls until it holds, within far more time than it needs. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 1000) throw new Error('did not come to hold')
    await pause(5)
  }
}

t.test('a form with a bad part is refused whole, and the file that came with it is not kept', async (t) => {
  const bytes = await aClip(clip)
  const video = { name: 'reference', value: bytes, filename: 'a.mp4', type: 'video/mp4' }
  const prompt = { name: 'prompt', value: 'a lighthouse' }
  const name = { name: 'name', value: 'girl' }
  const unnamed = { name: 'video', value: bytes, type: 'application/octet-stream' }
  await areRefused(t, [
    {
      what: 'a reference without a filename',
      ...multipart('/generate', [prompt, { ...unnamed, name: 'reference' }]),
      ...invalid('/reference'),
    },
    {
      what: 'a clip without a filename',
      ...multipart('/characters', [name, unnamed]),
      ...invalid('/video'),
    },
    {
      what: 'a good file before a bad field',
      ...multipart('/generate', [video, { name: 'prompt', value: '' }]),
      ...invalid('/prompt'),
    },
    {
      what: 'a good file in a request that no upstream takes',
      ...multipart('/generate', [video, prompt, { name: 'model', value: 'no-such-model' }]),
      status: 422,
      code: 'no_upstream',
      pointer: '/model',
    },
    {
      what: 'a good clip under a bad name',
      ...multipart('/characters', [
        { ...video, name: 'video' },
        { name: 'name', value: 'Girl!' },
      ]),
      ...invalid('/name'),
    },
    {
      what: 'a form that ends within its file',
      ...multipart('/generate', [prompt, video], ''),
      status: 400,
      code: 'malformed_body',
      pointer: '',
    },
  ])
})

t.test('an upload that its sender breaks off leaves nothing behind', async (t) => {
  const value = await aClip(clip)
  const name = { name: 'name', value: 'girl' }
  const { headers, body } = multipart('/characters', [name, { name: 'video', ...upload(value) }])
  const half = body.slice(0, body.length / 2)
  const giveUp = new AbortController()
  const sent = Promise.withResolvers<void>()
  const stream = new ReadableStream({
    start: (controller) => controller.enqueue(half),
    // More was requested, so the first half was sent.
    pull: () => sent.resolve(),
  })
  const url = `${gateway.address}/characters`
  const options = { method: 'POST', headers: { ...own, ...headers }, signal: giveUp.signal }
  const answer = fetch(url, { ...options, body: stream, duplex: 'half' })
  await sent.promise
  await until(async () => (await gateway.files()).length === 1)
  giveUp.abort()
  await t.rejects(answer, { name: 'AbortError' })
  await until(async () => (await gateway.files()).length === 0)
  await isUntouched(t)
  await isServing(t)
})

t.test('a clip that is not a video is refused, wherever it comes from', async (t) => {
  const bytes = await aClip(clip)
  const black = { width: 320, height: 240, channels: 3, background: '#000' } as const
  const picture = await sharp({ create: black }).png().toBuffer()
  const refused = { status: 422, code: 'not_media' }
  const page = Buffer.from('<!doctype html><title>Not a video</title>')
  const cut = bytes.subarray(0, bytes.length / 2)
  const odd = Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(4096, 7)])
  const files: Array<[what: string, bytes: Buffer]> = [
    ['a page', page],
    ['JSON', Buffer.from('{"video": true}')],
    ['nothing', Buffer.alloc(0)],
    ['half of a video', cut],
    ['the head of a video', odd],
  ]
  await areRefused(t, [
    ...files.flatMap(([what, value]) => [
      {
        what: `${what} as a clip`,
        ...multipart('/characters', [
          { name: 'name', value: 'girl' },
          { name: 'video', ...upload(value) },
        ]),
        ...refused,
        pointer: '/video',
      },
      {
        what: `${what} as a reference`,
        ...multipart('/generate', [
          { name: 'prompt', value: 'x' },
          { name: 'reference', ...upload(value) },
        ]),
        ...refused,
        pointer: '/reference',
      },
    ]),
    {
      what: 'a picture as a clip',
      ...multipart('/characters', [
        { name: 'name', value: 'girl' },
        { name: 'video', ...upload(picture) },
      ]),
      ...refused,
      pointer: '/video',
    },
    {
      what: 'JSON by URL as a clip',
      ...character({ video_url: `${origin}/control/bill` }),
      ...refused,
      pointer: '/video_url',
    },
    {
      what: 'JSON by URL as a reference',
      ...generate({ reference: { video_url: `${origin}/control/bill` } }),
      ...refused,
      pointer: '/reference/video_url',
    },
    {
      what: 'a URL where nothing is',
      ...character({ video_url: `${origin}/nothing.mp4` }),
      status: 422,
      code: 'url_unreachable',
      pointer: '/video_url',
    },
  ])
})

t.test('an address that is not public is never called, however it is written', async (t) => {
  const urls = [
    'http://10.0.0.1/x.mp4',
    'http://172.16.0.1/x.mp4',
    'http://192.168.1.1/x.mp4',
    'http://100.64.0.1/x.mp4',
    'http://169.254.169.254/latest/meta-data/',
    'http://0.0.0.0/x.mp4',
    'http://127.1.1.1/x.mp4',
    'http://0x7f000002/x.mp4',
    'http://2130706434/x.mp4',
    'http://0177.0.0.2/x.mp4',
    'http://127.2/x.mp4',
    'http://[::1]:1/x.mp4',
    'http://[::ffff:10.0.0.1]/x.mp4',
    'http://[64:ff9b::a00:1]/x.mp4',
    'http://[fd00::1]/x.mp4',
    'http://[fe80::1]/x.mp4',
    'http://255.255.255.255/x.mp4',
    'http://224.0.0.1/x.mp4',
  ]
  const forbidden = { status: 422, code: 'url_forbidden' }
  await areRefused(
    t,
    urls.flatMap((url) => [
      { what: `${url} as a clip`, ...character({ video_url: url }), ...forbidden, pointer: '/video_url' },
      {
        what: `${url} as a reference`,
        ...generate({ reference: { video_url: url } }),
        ...forbidden,
        pointer: '/reference/video_url',
      },
    ]),
  )
})

t.test('a redirect to an address that is not public is not followed', async (t) => {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  const files = await gateway.files()
  const [job] = control.renders('reseller')
  const poll = await fetch(`${gateway.simulator.baseUrl('reseller')}/sora/tasks/${job?.id}`, {
    headers: { authorization: 'Bearer reseller-key-0001' },
  })
  const { video_url: url }: any = await poll.json()
  control.setFaults('reseller', [{ kind: 'redirect', to: 'http://169.254.169.254/x.mp4' }])
  isProblem(t, await send(character({ video_url: url })), {
    what: 'a redirect',
    status: 422,
    code: 'url_forbidden',
    pointer: '/video_url',
  })
  t.same(await gateway.files(), files)
  t.equal((await gateway.call('DELETE', `/generations/${generation.id}`)).status, 204)
  control.reset()
})

t.test('a range past the end is refused with the size of the file', async (t) => {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  const path = `/generations/${generation.id}/video`
  const range = `bytes=${generation.video.bytes}-`
  const answer = await gateway.call('GET', path, undefined, { range })
  isProblem(t, answer, {
    what: range,
    status: 416,
    code: 'range_not_satisfiable',
    pointer: '#/headers/range',
  })
  t.equal(answer.headers.get('content-range'), `bytes */${generation.video.bytes}`)
  t.equal((await gateway.call('GET', path)).body.length, generation.video.bytes)
})

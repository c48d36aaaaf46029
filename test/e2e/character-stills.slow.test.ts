import { createHash } from 'node:crypto'
import sharp from 'sharp'
import t from 'tap'
import type { MediaArchive } from '../../src/gateway/ports/media/media-archive.ts'
import { aClip } from '../fixtures/clips.ts'
import { aClipOfScenes, aScene } from '../fixtures/scenes.ts'
import { aSound } from '../fixtures/sounds.ts'
import { startHttp } from '../upstreams/loopback.ts'
import { startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const [squares, discs, stripes] = await Promise.all(
  (['squares', 'discs', 'stripes'] as const).map((pattern) => aScene({ pattern, blur: 0 })),
)
if (squares === undefined || discs === undefined || stripes === undefined) throw new Error('no pictures')
const clip = await aClipOfScenes([
  { pattern: 'squares', blur: 0 },
  { pattern: 'discs', blur: 0 },
])

const cut: string[] = []
const archive = (inner: MediaArchive): MediaArchive => ({
  ...inner,
  stills: (from, to, signal) => {
    cut.push(from)
    return inner.stills(from, to, signal)
  },
})
const gateway = await startGateway(t, { wrap: { archive } })
const files = new Map([
  ['/front.png', squares],
  ['/side.png', discs],
])
const caller = await startHttp(t, (request, response) => {
  const bytes = files.get(request.url)
  response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': 'image/png' }).end(bytes)
})
const at = (path: string) => ({ image_url: `http://127.0.0.1:${caller.port}${path}` })

function withFiles(fields: Record<string, string>, pictures: ReadonlyArray<[string, Buffer]>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  for (const [name, bytes] of pictures) form.append('pictures', new Blob([new Uint8Array(bytes)]), name)
  return form
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const digests = ({ body }: Answer): string[] =>
  body.pictures.map((each: Record<string, string>) => each['sha256'])

async function makeOfClip(name: string): Promise<Answer['body']> {
  const form = new FormData()
  form.set('name', name)
  form.set('video', new Blob([new Uint8Array(clip)]), 'clip.mp4')
  const made = await gateway.call('POST', '/characters', form)
  t.equal(made.status, 201)
  return made.body
}

t.test('stills are cut from the clip once, kept with the character and removed with it', async (t) => {
  const made = await makeOfClip('amber')
  t.equal(made.stills, null)
  cut.length = 0
  const [one, other] = await Promise.all([1, 2].map(() => gateway.call('GET', '/characters/amber/stills')))
  t.match(one, { status: 200, body: { object: 'character_stills', from: 'clip' } })
  t.same(other?.body, one?.body)
  t.equal(cut.length, 1)
  const { pictures } = one?.body ?? {}
  t.equal(pictures.length, 2)
  for (const [index, picture] of pictures.entries()) {
    t.match(picture, {
      url: `/characters/${made.id}/stills/${index + 1}`,
      content_type: 'image/jpeg',
      width: 320,
      height: 240,
    })
    const file = await gateway.call('GET', picture.url)
    t.equal(file.headers.get('content-type'), 'image/jpeg')
    t.equal(sha256(file.body), picture.sha256)
    t.match(await sharp(file.body).metadata(), { format: 'jpeg', width: 320, height: 240 })
    const same = await gateway.call('GET', picture.url, undefined, {
      'if-none-match': file.headers.get('etag') ?? '',
    })
    t.equal(same.status, 304)
  }
  t.equal((await gateway.call('GET', `/characters/${made.id}/stills/3`)).status, 404)
  await gateway.restart()
  await gateway.call('PATCH', '/characters/amber', { description: 'in green' })
  const { object: _object, ...stills } = one?.body ?? {}
  t.match((await gateway.call('GET', '/characters/amber')).body, { description: 'in green', stills })
  t.same((await gateway.call('GET', '/characters/amber/stills')).body, one?.body)
  t.equal(cut.length, 1)
  await gateway.call('DELETE', '/characters/amber')
  t.same(await gateway.files(), [])
})

t.test('people replace the stills by files or URLs, and the clip stays', async (t) => {
  const { clip: kept } = await makeOfClip('amber')
  const form = withFiles({}, [
    ['front.png', squares],
    ['side.png', stripes],
  ])
  const replaced = await gateway.call('PUT', '/characters/amber/stills', form)
  t.match(replaced, { status: 200, body: { from: 'pictures' } })
  t.same(digests(replaced), [squares, stripes].map(sha256))
  const again = await gateway.call('PUT', '/characters/amber/stills', { pictures: [at('/side.png')] })
  t.same(digests(again), [sha256(discs)])
  cut.length = 0
  t.same((await gateway.call('GET', '/characters/amber/stills')).body, again.body)
  t.equal(cut.length, 0)
  t.same((await gateway.call('GET', '/characters/amber')).body.clip, kept)
  await gateway.call('DELETE', '/characters/amber')
})

t.test('a character is made from pictures, as files or URLs, in their order', async (t) => {
  const before = await gateway.files()
  const named = { name: 'drawn', pictures: [at('/side.png'), at('/front.png')] }
  const made = await gateway.call('POST', '/characters', named)
  t.match(made, {
    status: 201,
    body: { source: { type: 'pictures', count: 2 }, clip: null, stills: { from: 'pictures' } },
  })
  t.same(digests({ ...made, body: made.body.stills }), [discs, squares].map(sha256))
  t.equal((await gateway.call('GET', '/characters/drawn/clip')).status, 404)
  const thumbnail = await gateway.call('GET', '/characters/drawn/thumbnail')
  t.match(await sharp(thumbnail.body).metadata(), { format: 'webp', width: 320 })
  const form = withFiles({ name: 'painted', description: 'in oil' }, [['a.png', stripes]])
  const painted = await gateway.call('POST', '/characters', form)
  t.match(painted, { status: 201, body: { description: 'in oil', source: { count: 1 }, clip: null } })
  t.same(digests({ ...painted, body: painted.body.stills }), [sha256(stripes)])
  for (const name of ['drawn', 'painted']) await gateway.call('DELETE', `/characters/${name}`)
  t.same(await gateway.files(), before)
})

t.test('a character has a voice where one is given, of sound alone', async (t) => {
  const sound = aSound(1)
  const form = withFiles({ name: 'singer' }, [['a.png', squares]])
  form.set('voice', new Blob([new Uint8Array(sound)]), 'voice.wav')
  const before = await gateway.files()
  const made = await gateway.call('POST', '/characters', form)
  t.match(made, {
    status: 201,
    body: { voice: { content_type: 'audio/wav', sha256: sha256(sound), duration: 1 } },
  })
  await gateway.call('PATCH', '/characters/singer', { description: 'sings' })
  t.same((await gateway.call('GET', '/characters/singer')).body.voice, made.body.voice)
  await gateway.call('DELETE', '/characters/singer')
  const silent = { name: 'singer', pictures: [at('/front.png')], voice_url: at('/side.png').image_url }
  t.match(await gateway.call('POST', '/characters', silent), {
    status: 422,
    body: { code: 'not_media', errors: [{ pointer: '/voice_url' }] },
  })
  t.same(await gateway.files(), before)
})

t.test('what is no picture, too many and two sources are refused, and nothing of them stays', async (t) => {
  const files = await gateway.files()
  const video: [string, Buffer] = ['a.mp4', await aClip({ seconds: 1, width: 320, height: 240 })]
  const nine = Array.from({ length: 9 }, (_, index): [string, Buffer] => [`${index}.png`, squares])
  const front = at('/front.png')
  const refused: Array<[unknown, number, string, string]> = [
    [withFiles({ name: 'a' }, [['a.png', squares], video]), 422, 'not_media', '/pictures'],
    [withFiles({ name: 'a' }, nine), 400, 'validation_failed', '/pictures'],
    [{ name: 'a', pictures: Array.from({ length: 9 }, () => front) }, 400, 'validation_failed', '/pictures'],
    [{ name: 'a', pictures: [] }, 400, 'validation_failed', '/pictures'],
    [{ name: 'a', pictures: [front, at('/gone.png')] }, 422, 'url_unreachable', '/pictures/1/image_url'],
    [{ name: 'a', pictures: [front], clip: { start: 0, end: 1 } }, 400, 'validation_failed', '/clip'],
    [{ name: 'a', pictures: [front], video_url: front.image_url }, 400, 'validation_failed', ''],
    [withFiles({ name: 'a', clip_end: '2' }, [['a.png', squares]]), 400, 'validation_failed', '/clip'],
    [
      withFiles({ name: 'a', video_url: front.image_url }, [['a.png', squares]]),
      400,
      'validation_failed',
      '/video',
    ],
  ]
  for (const [body, status, code, pointer] of refused) {
    const { body: problem, ...answer } = await gateway.call('POST', '/characters', body)
    t.match(
      { ...problem, status: answer.status },
      { status, code, errors: [{ pointer }] },
      JSON.stringify(problem),
    )
  }
  t.same(await gateway.files(), files)
  await makeOfClip('amber')
  const before = await gateway.files()
  for (const body of [
    {},
    { pictures: [] },
    { pictures: [at('/gone.png')] },
    withFiles({}, []),
    withFiles({}, [video]),
  ])
    t.ok((await gateway.call('PUT', '/characters/amber/stills', body)).status >= 400)
  t.same(await gateway.files(), before)
  t.equal((await gateway.call('PUT', '/characters/nobody/stills', { pictures: [front] })).status, 404)
})

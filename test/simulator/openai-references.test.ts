import sharp from 'sharp'
import t from 'tap'
import { renderClip } from '../../src/simulator/clips/clip.ts'
import { client, form, official, stage } from './stage.ts'

const texts: [string, string][] = [
  ['prompt', 'a boat'],
  ['size', '160x90'],
]
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
const blob = (bytes: Buffer, type: string) => new Blob([new Uint8Array(bytes)], { type })

const part = (head: string, body: string) =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`

t.test(
  'a reference file needs a filename, a known mimetype and, for video, the bytes of an MP4',
  async (t) => {
    const upstream = official()
    const simulator = await stage(t, [upstream])
    const ask = client(simulator, upstream)
    const png = blob(await picture(160, 90), 'image/png')
    const clip = blob(await renderClip({ seconds: 2, width: 160, height: 90, seed: 'r' }), 'video/mp4')

    const strength: [string, string] = ['influence_strength', '0.8']
    const withPicture = form([...texts, strength], [['input_reference', png, 'a.png']])
    t.equal((await ask('POST', '/videos', withPicture)).status, 200)
    t.equal((await ask('POST', '/videos', form(texts, [['input_reference', clip, 'a.mp4']]))).status, 200)
    t.match(simulator.control.renders(), [
      { reference: { kind: 'image', bytes: png.size }, influenceStrength: 0.8 },
      { reference: { kind: 'video', bytes: clip.size }, influenceStrength: null },
    ])

    const refused: [FormData, string | null][] = [
      [form([...texts, ['input_reference', 'abc']]), 'invalid_type'],
      [
        form(texts, [['input_reference', blob(Buffer.from('x'), 'application/octet-stream'), 'a.bin']]),
        'unsupported_file_mimetype',
      ],
      [form(texts, [['input_reference', blob(Buffer.from('no video'), 'video/mp4'), 'a.mp4']]), null],
    ]
    for (const [body, code] of refused) {
      const answer = await ask('POST', '/videos', body)
      t.match(answer, { status: 400, json: { error: { code, param: 'input_reference' } } })
    }
    t.equal(simulator.control.renders().length, 2)
  },
)

t.test('a part without a filename is read as text', async (t) => {
  const upstream = official()
  const simulator = await stage(t, [upstream])
  const answer = await client(simulator, upstream)('POST', '/videos', undefined, {
    headers: { authorization: 'Bearer key-o', 'content-type': 'multipart/form-data; boundary=b' },
    body: `${part('name="prompt"', 'x')}${part('name="input_reference"\r\nContent-Type: image/png', 'bytes')}--b--\r\n`,
  })
  t.match(answer, { status: 400, json: { error: { code: 'invalid_type', param: 'input_reference' } } })
})

t.test('a reference may be named by URL or file id, in JSON and with the brackets of the SDKs', async (t) => {
  const upstream = official()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const prompt = 'x'
  const url = 'https://cdn.example/a.png'
  await ask('POST', '/videos', { prompt, input_reference: { image_url: url } })
  await ask('POST', '/videos', form([...texts, ['input_reference[file_id]', 'file-1']]))
  t.match(simulator.control.renders(), [
    { reference: { kind: 'image_url', bytes: null } },
    { reference: { kind: 'file_id', bytes: null } },
  ])
  for (const reference of [{}, { image_url: 'ftp://x' }, { image_url: url, file_id: 'f' }])
    t.equal((await ask('POST', '/videos', { prompt, input_reference: reference })).status, 400)
})

t.test('a strict upstream refuses a picture that has not exactly the asked size', async (t) => {
  const upstream = official({ strictReferenceSize: true })
  const ask = client(await stage(t, [upstream]), upstream)
  const send = async (width: number) =>
    ask(
      'POST',
      '/videos',
      form(texts, [['input_reference', blob(await picture(width, 90), 'image/png'), 'a.png']]),
    )
  t.equal((await send(160)).status, 200)
  t.match((await send(162)).json.error, { message: /must match the requested width and height/, param: null })
})

import t from 'tap'
import type { Test } from 'tap'
import { aPicture } from '../fixtures/pictures.ts'
import { aSound } from '../fixtures/sounds.ts'
import { official, startGateway } from './gateway.ts'

const seller = 'openrouter'
const gateway = await startGateway(t, {
  patient: true,
  upstreams: [
    {
      ...official,
      id: seller,
      dialect: seller,
      apiKey: `${seller}-key-0001`,
      durations: [5],
      sizes: ['426x240', '240x426'],
    },
  ],
  settings: {
    [seller]: { capabilities: { resolutions: ['240p'], aspect_ratios: ['16:9', '9:16'] } },
  },
})

function dataUrl(type: string, bytes: Buffer): string {
  return `data:${type};base64,${bytes.toString('base64')}`
}

const pictureFile = aPicture(40_000)
const soundFile = aSound(1)
const picture = dataUrl('image/png', pictureFile)
const sound = dataUrl('audio/wav', soundFile)
const asked = { prompt: 'a boat', seconds: '5', resolution: '240p', aspect_ratio: '16:9' }
const frame = (imageUrl: unknown) => ({ type: 'image_url', image_url: imageUrl, frame_type: 'first_frame' })

function asForm(body: object): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(body))
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value))
  return form
}

const last = () => gateway.simulator.control.renders(seller).at(-1)

async function made(t: Test, body: unknown): Promise<void> {
  const accepted = await gateway.call('POST', '/v1/videos', body)
  t.match(accepted, { status: 200 })
  t.match(await gateway.finished(accepted.body.id), { status: 'completed' })
}

for (const [way, written] of [
  ['JSON', (body: object) => body],
  ['a form', asForm],
] as const) {
  t.test(`${way}: data URLs of frames and references reach the upstream as files`, async (t) => {
    await made(t, written({ ...asked, frame_images: [frame({ url: picture })] }))
    t.match(last(), { inputs: [{ role: 'first_frame', kind: 'image', bytes: pictureFile.length }] })
    await made(t, written({ ...asked, frame_images: [frame(picture)] }))
    t.match(last(), { inputs: [{ role: 'first_frame', kind: 'image', bytes: pictureFile.length }] })
    const references = [
      { type: 'image_url', image_url: { url: picture } },
      { type: 'audio_url', audio_url: { url: sound } },
    ]
    await made(t, written({ ...asked, input_references: references }))
    t.match(last(), {
      inputs: [
        { role: 'reference', kind: 'image', bytes: pictureFile.length },
        { role: 'reference', kind: 'audio', bytes: soundFile.length },
      ],
    })
  })

  t.test(`${way}: a bad data URL is refused by name, and no file remains`, async (t) => {
    const before = await gateway.files()
    const refused = async (body: object, param: string, message: RegExp) => {
      const answer = await gateway.call('POST', '/v1/videos', written({ ...asked, ...body }))
      t.match(answer, { status: 400, body: { error: { param, message } } }, param)
      t.same(await gateway.files(), before, param)
    }
    const references = (url: unknown) => ({
      input_references: [{ image_url: { url: picture } }, { image_url: url }],
    })
    await refused(
      { frame_images: [frame({ url: `${picture.slice(0, -99)}%%` })] },
      'frame_images.0.image_url.url',
      /base64/,
    )
    await refused(references({ url: sound }), 'input_references.1.image_url.url', /not accepted here/)
    await refused(references(`${picture}=AAAA`), 'input_references.1.image_url', /base64/)
    await refused(
      references({ url: dataUrl('image/png', Buffer.from('no picture at all'.repeat(50))) }),
      'input_references.1.image_url.url',
      /not/,
    )
    await refused(
      references({ url: picture.replace('image/png', 'text/plain') }),
      'input_references.1.image_url',
      /base64 data URL of an image/,
    )
    await refused({ ...references({ url: picture }), colour: 'red' }, 'colour', /Unknown parameter/)
  })
}

function sendOnce(url: string) {
  const body = { ...asked, frame_images: [frame({ url })] }
  return gateway.call('POST', '/v1/videos', body, { 'idempotency-key': 'frame-1' })
}

t.test('the same data URLs are the same body again, and another picture is not', async (t) => {
  const first = await sendOnce(picture)
  const again = await sendOnce(picture)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.equal(again.body.id, first.body.id)
  t.match(await sendOnce(dataUrl('image/png', aPicture(40_000))), { status: 422 })
})

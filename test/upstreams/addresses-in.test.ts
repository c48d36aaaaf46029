import t from 'tap'
import { addressesIn } from '../../src/gateway/upstreams/calls/create-job.ts'
import { pathText } from '../../src/gateway/upstreams/calls/exchange-note.ts'
import type { CreateRequest, MediaSource } from '../../src/gateway/ports/upstream.ts'

function aFile(name: string): MediaSource {
  return {
    url: `https://gateway.example/media/${name}?signature=${name}`,
    contentType: 'image/png',
    fileName: name,
    bytes: 1,
    open: () => {
      throw new Error('not read here')
    },
  }
}

t.test('every signed address of a file that goes along is hidden from exchanges', async (t) => {
  const request: CreateRequest = {
    idempotencyKey: 'att_1',
    model: 'm',
    prompt: 'a boat',
    durationSeconds: 5,
    size: '1280x720',
    reference: { kind: 'image', influence: null, media: aFile('reference') },
    characterHandles: [],
    inlineCharacters: [],
    inputs: {
      firstFrame: aFile('first'),
      lastFrame: aFile('last'),
      references: [{ kind: 'image', role: 'style', name: null, media: aFile('style') }],
      audio: null,
      seed: null,
      negativePrompt: null,
      resolution: null,
      aspectRatio: null,
      options: {},
    },
  }
  t.same(
    addressesIn(request),
    ['reference', 'first', 'last', 'style'].map((name) => aFile(name).url),
  )
  const { inputs: _inputs, ...plain } = request
  t.same(addressesIn({ ...plain, reference: null }), [])
})

t.test('signatures in the addresses of files are hidden, whatever the store calls them', async (t) => {
  const shown = pathText(
    'https://blob.example/v.mp4?sp=r&sig=abc&X-Amz-Credential=def&hmac=ghi',
    (text) => text,
  )
  t.equal(shown, 'https://blob.example/v.mp4?sp=r&sig=[key]&X-Amz-Credential=[key]&hmac=[key]')
})

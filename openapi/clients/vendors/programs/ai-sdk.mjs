// What the programs of the AI SDK's providers share: `experimental_generateVideo` creates, polls and downloads by itself.
import { APICallError, experimental_generateVideo as generateVideo } from 'ai'
import assert from 'node:assert/strict'
import { attempt, isVideo, refuses, stage } from './cases.mjs'

/** The SDK's own download opens no loopback address; this one does, with the headers of a vendor whose files want a key. */
export const download =
  (headers = {}) =>
  async ({ url }) => {
    const answer = await fetch(url, { headers })
    assert.equal(answer.status, 200)
    return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: undefined }
  }

/** One video of 5 seconds, 1280x720 unless changed. */
export async function renders(model, prompt, changes = {}) {
  const { video, warnings } = await generateVideo({
    model,
    prompt,
    duration: 5,
    aspectRatio: '16:9',
    maxRetries: 0,
    poll: { intervalMs: 100, timeoutMs: 20_000 },
    download: download(),
    ...changes,
  })
  assert.deepEqual(
    warnings.filter(({ type }) => type === 'unsupported'),
    [],
  )
  isVideo(video.uint8Array)
}

export const frame = (frameType) => ({
  image: stage[frameType === 'first_frame' ? 'first' : 'last'],
  frameType,
})

export const references = {
  picture: { data: stage.person, mediaType: 'image/png' },
  clip: { data: stage.clip, mediaType: 'video/mp4' },
  voice: { data: stage.voice, mediaType: 'audio/wav' },
}

const words = /content|sensitive|moderat|safety/i

/** A refusal at create, one at the end and a wrong key, as every provider raises them. */
export async function refusals({
  model,
  stranger,
  changes = {},
  atCreate = 400,
  keyStatus = 401,
  late = words,
}) {
  await attempt('refused', (prompt) =>
    refuses(
      () => renders(model, prompt, changes),
      (error) => {
        assert.ok(APICallError.isInstance(error), `${error.name}: ${error.message}`)
        assert.equal(error.statusCode, atCreate)
        assert.match(error.message, words)
      },
    ),
  )
  await attempt('refused_late', (prompt) =>
    refuses(
      () => renders(model, prompt, changes),
      (error) => assert.match(error.message, late),
    ),
  )
  await attempt('wrong_key', (prompt) =>
    refuses(
      () => renders(stranger, prompt, changes),
      (error) => {
        assert.ok(APICallError.isInstance(error), `${error.name}: ${error.message}`)
        assert.equal(error.statusCode, keyStatus)
        assert.ok(!error.message.includes('Unknown error'), error.message)
      },
    ),
  )
}

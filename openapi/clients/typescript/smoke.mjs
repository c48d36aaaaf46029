// The built package against a running gateway; UNDERSTUDY_URL, UNDERSTUDY_API_KEY and UNDERSTUDY_CLIP_URL say where.
import assert from 'node:assert/strict'
import { createUnderstudy } from './dist/esm/client.js'

const { UNDERSTUDY_URL: baseUrl, UNDERSTUDY_API_KEY: apiKey, UNDERSTUDY_CLIP_URL: clipUrl } = process.env
const understudy = createUnderstudy({ baseUrl, apiKey })

const clip = await (await fetch(clipUrl)).blob()
const character = await understudy.uploadCharacter(
  { name: `ts_${Date.now()}`, description: 'a moss troll' },
  { content: clip, fileName: 'mossy.mp4' },
)
const { id } = await understudy.generate({ prompt: `@${character.name} walks`, duration: 5, size: '320x180' })
const done = await understudy.wait(id, { timeoutMs: 60_000 })
assert.equal(done.status, 'completed')
const bytes = Buffer.from(await new Response(await understudy.download(id)).arrayBuffer())
assert.equal(bytes.subarray(4, 8).toString(), 'ftyp')

await assert.rejects(understudy.wait('gen_00000000000000000000000000'), {
  status: 404,
  code: 'not_found',
})
await assert.rejects(understudy.generate({ prompt: '' }), (error) => {
  assert.equal(error.code, 'validation_failed')
  assert.equal(error.faults[0].pointer, '/prompt')
  return true
})
console.log('TypeScript: character, generate, wait, download, 404 and validation error are fine')

// The `openai` package of npm with only its base URL changed; the oldest one that knows videos has fewer calls than the newest.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import OpenAI, { APIError, BadRequestError, NotFoundError, toFile } from 'openai'

const manifest = new URL('node_modules/openai/package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
const client = new OpenAI({ maxRetries: 0 })
const done = []

async function finished(id) {
  for (;;) {
    const video = await client.videos.retrieve(id)
    if (video.status === 'completed' || video.status === 'failed') return video
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

// Version 6 sends JSON, and null for an optional member; later ones send a form, which has no null.
const seconds = version.startsWith('6.') ? null : '4'
const { id } = await client.videos.create({ prompt: 'paper boat in rain', seconds, size: '320x180' })
const video = await finished(id)
assert.equal(video.status, 'completed')
assert.equal(video.error, null)
assert.equal(typeof video.seconds, 'string')
done.push('create', 'retrieve')

const content = Buffer.from(await (await client.videos.downloadContent(id)).arrayBuffer())
assert.equal(content.subarray(4, 8).toString(), 'ftyp')
done.push('downloadContent')

const clip = await (await fetch(process.env.UNDERSTUDY_CLIP_URL)).arrayBuffer()
const reference = await toFile(clip, 'mossy.mp4', { type: 'video/mp4' })
const like = await client.videos.create({
  prompt: 'at sea',
  size: '320x180',
  seconds: '4',
  input_reference: reference,
})
assert.equal((await finished(like.id)).status, 'completed')
done.push('create with a file')

const remix = await client.videos.remix(id, { prompt: 'at dusk' })
assert.equal((await finished(remix.id)).status, 'completed')
done.push('remix')

if (client.videos.createCharacter !== undefined) {
  const mossy = await client.videos.createCharacter({
    name: 'Mossy',
    video: await toFile(clip, 'mossy.mp4', { type: 'video/mp4' }),
  })
  assert.equal((await client.videos.getCharacter(mossy.id)).name, 'Mossy')
  done.push('characters')
}

const ids = []
for await (const each of client.videos.list({ limit: 1 })) ids.push(each.id)
assert.ok(ids.includes(id) && ids.includes(remix.id), 'every page of the list')
done.push('list')

await assert.rejects(client.videos.create({ prompt: '' }), (error) => {
  assert.ok(error instanceof BadRequestError)
  return error.type === 'invalid_request_error'
})
await assert.rejects(new OpenAI({ apiKey: 'wrong', maxRetries: 0 }).videos.retrieve(id), (error) => {
  assert.ok(error instanceof APIError)
  return error.status === 401
})
done.push('errors')

const models = []
for await (const each of client.models.list()) models.push(each.id)
assert.ok(models.includes('sora-2'))
done.push('models')

assert.equal((await client.videos.delete(id)).deleted, true)
await assert.rejects(client.videos.retrieve(id), NotFoundError)
done.push('delete')

process.stdout.write(`Node ${process.versions.node} openai ${version}: ${done.join(', ')} are fine\n`)

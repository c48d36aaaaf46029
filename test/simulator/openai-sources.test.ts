import t from 'tap'
import { client, form, official, stage } from './stage.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'

const scene = { prompt: 'a boat', seconds: '4', size: '160x90' }

async function finished(t: Parameters<typeof stage>[0], quirks: Parameters<typeof official>[0] = {}) {
  const upstream = official(quirks)
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { json } = await ask('POST', '/videos', scene)
  await end(simulator, json.id)
  return { simulator, ask, id: String(json.id) }
}

async function end(simulator: Simulator, id: string): Promise<void> {
  simulator.control.finish(id)
}

t.test('a remix and an edit have the length of the source and name it', async (t) => {
  const { ask, id, simulator } = await finished(t)
  const remix = await ask('POST', `/videos/${id}/remix`, { prompt: 'at dusk' })
  t.match(remix.json, { status: 'queued', seconds: '4', size: '160x90', remixed_from_video_id: id })
  const edit = await ask(
    'POST',
    '/videos/edits',
    form([
      ['prompt', 'a red boat'],
      ['video[id]', id],
    ]),
  )
  t.match(edit.json, { seconds: '4', remixed_from_video_id: id })
  t.equal(simulator.control.renders().length, 3)
})

t.test('an extension is as long as both parts and costs the second; six are the most', async (t) => {
  const { ask, id, simulator } = await finished(t)
  let source = id
  for (let count = 1; count <= 6; count++) {
    const { json } = await ask('POST', '/videos/extensions', {
      prompt: 'on',
      seconds: '8',
      video: { id: source },
    })
    t.equal(json.seconds, String(4 + 8 * count))
    source = json.id
    await end(simulator, source)
  }
  t.equal(simulator.control.renders().at(-1)?.billedUsd, 0.8)
  const seventh = await ask('POST', '/videos/extensions', {
    prompt: 'on',
    seconds: '8',
    video: { id: source },
  })
  t.match(seventh, { status: 400, json: { error: { param: 'video' } } })
})

t.test('a source that is unknown, unfinished or a file is refused', async (t) => {
  const { ask } = await finished(t)
  const { json } = await ask('POST', '/videos', scene)
  t.equal((await ask('POST', '/videos/video_0/remix', { prompt: 'on' })).status, 404)
  t.match(await ask('POST', `/videos/${json.id}/remix`, { prompt: 'on' }), { status: 400 })
  const file = form(
    [
      ['prompt', 'on'],
      ['model', 'sora-2'],
    ],
    [['video', new Blob(['x']), 'a.mp4']],
  )
  t.match(await ask('POST', '/videos/edits', file), { status: 400, json: { error: { param: 'video' } } })
})

t.test('a self-hosted server knows none of these', async (t) => {
  const { ask, id } = await finished(t, { kind: 'self_hosted' })
  t.equal((await ask('POST', `/videos/${id}/remix`, { prompt: 'on' })).status, 404)
})

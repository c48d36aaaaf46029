import t from 'tap'
import { renderClip } from '../../src/simulator/clips/clip.ts'
import { client, form, heldClock, official, stage } from './stage.ts'

const clip = async (seconds: number) => {
  const bytes = await renderClip({ seconds, width: 64, height: 36, seed: 'mossy' })
  return new Blob([new Uint8Array(bytes)], { type: 'video/mp4' })
}

t.test(
  'a character is made from a short clip, and may be used in creates that mention its name',
  async (t) => {
    const upstream = official({ characters: true })
    const simulator = await stage(t, [upstream], heldClock())
    const ask = client(simulator, upstream)
    const make = (name: string, video: Blob) =>
      ask('POST', '/videos/characters', form([['name', name]], [['video', video, 'a.mp4']]))

    const made = await make('Mossy', await clip(3))
    t.match(made, { status: 200, json: { id: /^char_/, name: 'Mossy', created_at: 1790000000 } })
    const { id } = made.json
    t.same((await ask('GET', `/videos/characters/${id}`)).json, made.json)
    t.equal((await ask('GET', '/videos/characters/char_x')).status, 404)

    const used = form([
      ['prompt', 'Mossy runs'],
      ['characters[][id]', id],
    ])
    t.equal((await ask('POST', '/videos', used)).status, 200)
    t.match(simulator.control.renders(), [{ characters: [id] }])
    const characters = [{ id }]
    t.equal((await ask('POST', '/videos', { prompt: 'a fox', characters })).json.error.param, 'characters')
    const unknown = await ask('POST', '/videos', { prompt: 'x', characters: [{ id: 'char_1' }] })
    t.equal(unknown.json.error.code, 'cameo_not_found')
    const three = [{ id }, { id }, { id }]
    t.equal((await ask('POST', '/videos', { prompt: 'Mossy', characters: three })).status, 400)

    simulator.control.revokeCharacter(id)
    const revoked = await ask('POST', '/videos', { prompt: 'Mossy', characters })
    t.match(revoked, { status: 400, json: { error: { code: 'cameo_permission_denied' } } })
  },
)

t.test('a clip that is too long, no MP4 or missing, and a name over 80, make no character', async (t) => {
  const upstream = official({ characters: true })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const garbage = new Blob(['not a video'], { type: 'video/mp4' })
  const bodies = [
    form([['name', 'A']], [['video', await clip(8), 'a.mp4']]),
    form([['name', 'A']], [['video', garbage, 'a.mp4']]),
    form([['name', 'A']]),
    form([['name', 'x'.repeat(81)]], [['video', garbage, 'a.mp4']]),
  ]
  for (const body of bodies) t.equal((await ask('POST', '/videos/characters', body)).status, 400)
  t.same(simulator.control.characters(), [])
})

t.test('an upstream without characters does not know the URL', async (t) => {
  const upstream = official()
  const ask = client(await stage(t, [upstream]), upstream)
  t.match(await ask('POST', '/videos/characters', {}), {
    status: 404,
    json: { error: { message: /^Invalid URL/ } },
  })
})

import t from 'tap'
import type { MediaId } from '../../src/gateway/domain/ids.ts'
import type { MediaArchive } from '../../src/gateway/ports/media/media-archive.ts'
import { aClip } from '../fixtures/clips.ts'
import { form } from '../http/forms.ts'
import { startGateway, keys } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const clip = await aClip({ seconds: 1, width: 320, height: 240 })
const dies = async (): Promise<never> => {
  throw new Error('the process dies')
}

async function upload(gateway: Gateway, path: string, fields: Record<string, string>, file: string) {
  const parts = Object.entries(fields).map(([name, value]) => ({ name, value }))
  const { headers, payload } = form([
    ...parts,
    { name: file, value: clip, filename: 'a.mp4', type: 'video/mp4' },
  ])
  const response = await fetch(`${gateway.address}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.studio}`, ...headers },
    body: new Uint8Array(payload),
  })
  const body: any = await response.json()
  return { status: response.status, body }
}

t.test('a process that dies while it deletes leaves no file that nobody can delete', async (t) => {
  const state = { dying: false }
  const gateway = await startGateway(t, {
    wrap: {
      store: (store) => ({ ...store, remove: (id) => (state.dying ? dies() : store.remove(id)) }),
      characters: (store) => ({ ...store, remove: (id) => (state.dying ? dies() : store.remove(id)) }),
    },
  })
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  t.equal(generation.status, 'completed')
  const { body: character } = await upload(gateway, '/characters', { name: 'girl' }, 'video')
  const before = await gateway.files()
  t.equal(before.length, 2)

  state.dying = true
  for (const path of [`/generations/${generation.id}`, `/characters/${character.id}`]) {
    t.equal((await gateway.call('DELETE', path)).status, 500)
  }
  state.dying = false
  await gateway.restart()
  t.same(await gateway.files(), [], 'the files went first')
  t.match(await gateway.call('GET', `/generations/${generation.id}/video`), {
    status: 410,
    body: { code: 'video_gone' },
  })
  for (const path of [`/generations/${generation.id}`, `/characters/${character.id}`]) {
    t.equal((await gateway.call('DELETE', path)).status, 204, 'and the call can be repeated')
    t.equal((await gateway.call('GET', path)).status, 404)
  }
})

t.test('a full disk is 507 wherever a request would put a file, and nothing of it stays', async (t) => {
  const state = { full: false }
  const noSpace = { type: 'no_space', message: 'The archive is full.' } as const
  const wrap = {
    archive: (archive: MediaArchive): MediaArchive => ({
      ...archive,
      async put(id, body, rules) {
        if (!state.full) return archive.put(id, body, rules)
        await Array.fromAsync(body)
        return noSpace
      },
      copy: async (from: MediaId, to: MediaId) => (state.full ? 'no_space' : archive.copy(from, to)),
      cut: async (from, to, span, signal) => (state.full ? noSpace : archive.cut(from, to, span, signal)),
    }),
  }
  const gateway = await startGateway(t, { wrap })
  const { id } = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  const files = await gateway.files()
  state.full = true
  const answers = {
    'an upload for a character': await upload(gateway, '/characters', { name: 'girl' }, 'video'),
    'an upload for a reference': await upload(gateway, '/generate', { prompt: 'x' }, 'reference'),
    'a character of a video': await gateway.call('POST', '/characters', { name: 'girl', generation_id: id }),
    'a URL': await gateway.call('POST', '/characters', {
      name: 'girl',
      video_url: `${gateway.simulator.origin}/clips/a.mp4?seconds=2&size=320x240`,
    }),
  }
  for (const [what, { status, body }] of Object.entries(answers)) {
    t.match({ status, code: body.code }, { status: 507, code: 'storage_full' }, what)
  }
  t.match(
    await gateway.call('POST', '/v1/videos/edits', { prompt: 'x', video: { id } }),
    // Its clients know no 507.
    { status: 503 },
    'an edit in the compatible interface',
  )
  t.same(await gateway.files(), files)
  state.full = false
  t.equal((await upload(gateway, '/characters', { name: 'girl' }, 'video')).status, 201)
})

t.test('a video whose file is gone makes no character, and says so', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: 1 } })
  const { id } = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  await gateway.advance(2 * 86_400_000)
  await gateway.container.removeExpired()
  t.same(await gateway.files(), [])
  const answer = await gateway.call('POST', '/characters', { name: 'girl', generation_id: id })
  t.match(answer, { status: 410, body: { code: 'video_gone', errors: [{ pointer: '/generation_id' }] } })
})

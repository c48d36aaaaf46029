import t from 'tap'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { createOpenaiVideos } from '../../src/gateway/upstreams/openai-videos/openai-videos.ts'
import { answer, cases, mediaSource, settings, spec } from './fixtures.ts'

const dialect = createOpenaiVideos(settings(), 'openai')
const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'paper boat in rain',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'clip.mp4')
const character = {
  name: 'mossy',
  description: 'a moss troll',
  clip,
  span: { start: 0, end: 2 },
  fromJob: null,
}

function names(influence: number | null): string[] {
  const call = dialect.create.encode({
    ...plain,
    characterHandles: ['char_1', 'char_2'],
    reference: { kind: 'image', media: clip, influence },
  })
  return 'body' in call && call.body?.type === 'multipart'
    ? call.body.parts.map((part) => ('value' in part ? `${part.name}=${part.value}` : `${part.name}=<file>`))
    : []
}

t.test('a create is multipart with seconds as text, as the newest SDKs send it', async (t) => {
  t.same(dialect.create.encode(plain), {
    method: 'POST',
    path: '/videos',
    body: {
      type: 'multipart',
      parts: [
        { name: 'model', value: 'sora-2' },
        { name: 'prompt', value: 'paper boat in rain' },
        { name: 'seconds', value: '8' },
        { name: 'size', value: '1280x720' },
      ],
    },
  })
})

t.test('the generic profile sends JSON while there is no file', async (t) => {
  const generic = createOpenaiVideos(settings(), 'generic')
  t.same(generic.create.encode({ ...plain, characterHandles: ['char_1', 'char_2'] }), {
    method: 'POST',
    path: '/videos',
    body: {
      type: 'json',
      value: {
        model: 'sora-2',
        prompt: 'paper boat in rain',
        seconds: '8',
        size: '1280x720',
        characters: [{ id: 'char_1' }, { id: 'char_2' }],
      },
    },
  })
  const withFile = generic.create.encode({
    ...plain,
    reference: { kind: 'video', media: clip, influence: null },
  })
  t.match(withFile, { body: { type: 'multipart' } })
})

t.test('a reference is a file part, and influence is only sent when it was asked for', async (t) => {
  t.same(names(null).slice(4), [
    'characters[][id]=char_1',
    'characters[][id]=char_2',
    'input_reference=<file>',
  ])
  t.same(names(0.8).slice(6), ['influence_strength=0.8', 'input_reference=<file>'])
})

t.test('a character stands in the prompt with its name, verbatim', async (t) => {
  t.equal(dialect.mention({ handle: 'char_77', name: 'mossy' }), 'mossy')
})

t.test('what a create answered', async (t) => {
  for (const each of cases<'outcome'>('openai-videos/create-answers'))
    t.match(dialect.create.decode(answer(each.answer), plain), each.outcome, each.name)
})

t.test('what a poll answered', async (t) => {
  for (const each of cases<'report'>('openai-videos/poll-answers'))
    t.match(dialect.poll.decode(answer(each.answer)), each.report, each.name)
})

t.test('what a list answered', async (t) => {
  for (const each of cases<'page'>('openai-videos/list-answers'))
    t.match(dialect.list?.decode(answer(each.answer)), each.page, each.name)
})

t.test('what a delete answered', async (t) => {
  t.equal(dialect.cancel, null, 'the official protocol only deletes what is finished and paid for')
  const generic = createOpenaiVideos(settings(), 'generic')
  for (const each of cases<'outcome'>('openai-videos/delete-answers'))
    t.match(generic.cancel?.decode(answer(each.answer)), each.outcome, each.name)
})

t.test('what the creation of a character answered', async (t) => {
  for (const each of cases<'outcome'>('openai-videos/character-answers'))
    t.match(dialect.character?.decode(answer(each.answer), character), each.outcome, each.name)
})

t.test('a character is made from its clip, under its name', async (t) => {
  t.same(dialect.character?.encode({ ...character, fromJob: { id: 'video_1' } }), {
    method: 'POST',
    path: '/videos/characters',
    body: {
      type: 'multipart',
      parts: [
        { name: 'name', value: 'mossy' },
        { name: 'video', file: clip },
      ],
    },
  })
  const without = createOpenaiVideos(settings({ spec: spec({ characters: 'reference' }) }), 'openai')
  t.equal(without.character, null)
})

t.test('ids are escaped in paths', async (t) => {
  const operation = { id: 'sora-2:task 3f' }
  const path = '/videos/sora-2%3Atask%203f'
  t.match(dialect.poll.encode(operation), { method: 'GET', path })
  t.match(createOpenaiVideos(settings(), 'generic').cancel?.encode(operation), { method: 'DELETE', path })
  t.same(dialect.locate(operation, { url: null, expiresAt: 5 }), {
    targets: [{ type: 'path', path: `${path}/content` }],
    expiresAt: 5,
  })
  t.same(dialect.locate(operation, { url: 'https://x.example/v', expiresAt: null }), {
    targets: [
      { type: 'url', url: 'https://x.example/v' },
      { type: 'path', path: `${path}/content` },
    ],
    expiresAt: null,
  })
})

t.test('a list is asked for newest first, page by page', async (t) => {
  t.equal(dialect.list?.encode(null).path, '/videos?limit=100&order=desc')
  t.equal(dialect.list?.encode('video_a').path, '/videos?limit=100&order=desc&after=video_a')
})

t.test('a stored operation that is not ours is a bug, not a job', async (t) => {
  t.throws(() => dialect.poll.encode({ task: 'x' }))
})

t.test('known status words are not worth a line in the log', async (t) => {
  for (const word of ['queued', 'IN_PROGRESS', 'NOT_START', 'Succeeded', 'cancelled', 'expired'])
    t.ok(dialect.knowsStatus(word), word)
  t.notOk(dialect.knowsStatus('archiving'))
})

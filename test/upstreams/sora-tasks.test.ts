import t from 'tap'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { dialectOf } from '../../src/gateway/upstreams/dialects.ts'
import { answer, cases, mediaSource, settings, spec } from './fixtures.ts'

const soraTasks = (changes: Parameters<typeof spec>[0] = {}) =>
  dialectOf(settings({ profile: 'generic', spec: spec({ dialect: 'sora-tasks', ...changes }) }))
const dialect = soraTasks()
const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: '@char_9k2mzx pours coffee',
  durationSeconds: 10,
  size: '1280x720',
  reference: null,
  characterHandles: ['char_9k2mzx'],
  inlineCharacters: [],
}
const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'c.mp4')
const character = {
  name: 'barista',
  description: 'green apron',
  clip,
  span: { start: 0, end: 2 },
  fromJob: null,
}

t.test('a create is a prompt and a duration, where there is no choice of anything else', async (t) => {
  t.same(dialect.create.encode(request), {
    method: 'POST',
    path: '/sora/generate',
    body: { type: 'json', value: { prompt: '@char_9k2mzx pours coffee', duration: 10 } },
  })
})

t.test('model and size are said where the upstream sells several', async (t) => {
  const several = soraTasks({
    models: { 'sora-2': 'sora-2', 'sora-2-pro': 'pro' },
    sizes: ['1280x720', '720x1280'],
  })
  const call = several.create.encode(request)
  t.match(call, { body: { value: { model: 'sora-2', size: '1280x720' } } })
  t.match(soraTasks({ sizes: null }).create.encode(request), { body: { value: { size: '1280x720' } } })
})

t.test('a reference is not sent and not dropped in silence', async (t) => {
  const call = dialect.create.encode({
    ...request,
    reference: { kind: 'video', media: clip, influence: null },
  })
  t.match(call, { type: 'unsupported' })
})

t.test('a character stands in the prompt as its handle', async (t) => {
  t.equal(dialect.mention({ handle: 'char_9k2mzx', name: 'barista' }), '@char_9k2mzx ')
})

t.test('what a create answered', async (t) => {
  for (const each of cases<'outcome'>('sora-tasks/create-answers'))
    t.match(dialect.create.decode(answer(each.answer), request), each.outcome, each.name)
})

t.test('what a poll answered', async (t) => {
  for (const each of cases<'report'>('sora-tasks/poll-answers'))
    t.match(dialect.poll.decode(answer(each.answer)), each.report, each.name)
})

t.test('what the creation of a character answered', async (t) => {
  for (const each of cases<'outcome'>('sora-tasks/character-answers'))
    t.match(dialect.character?.decode(answer(each.answer), character), each.outcome, each.name)
})

t.test('a character is made from a finished task where there is one, else from its clip', async (t) => {
  t.same(dialect.character?.encode(character), {
    method: 'POST',
    path: '/sora/characters',
    body: { type: 'json', value: { video_url: clip.url, name: 'barista', description: 'green apron' } },
  })
  t.same(dialect.character?.encode({ ...character, fromJob: { id: 'task_77aa' } }), {
    method: 'POST',
    path: '/sora/characters/extract',
    body: { type: 'json', value: { task_id: 'task_77aa', name: 'barista' } },
  })
})

t.test('tasks are asked for by their escaped id, and found at the URL they named', async (t) => {
  t.match(dialect.poll.encode({ id: 'task/1' }), { path: '/sora/tasks/task%2F1' })
  t.same(dialect.locate({ id: 'task_1' }, { url: 'https://cdn.example/v.mp4' }), {
    targets: [{ type: 'url', url: 'https://cdn.example/v.mp4' }],
    expiresAt: null,
  })
})

t.test('the protocol has no cancel and no list', async (t) => {
  t.equal(dialect.cancel, null)
  t.equal(dialect.list, null)
})

t.test('words that end a job elsewhere end it here, and are no news', async (t) => {
  t.ok(dialect.knowsStatus('processing'))
  t.ok(dialect.knowsStatus('completed'))
  t.ok(dialect.knowsStatus('expired'))
  t.notOk(dialect.knowsStatus('simmering'))
})

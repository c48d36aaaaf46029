import { readFileSync } from 'node:fs'
import t from 'tap'
import { createOpenaiVideos } from '../../src/gateway/upstreams/openai-videos/openai-videos.ts'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { answer, settings } from './fixtures.ts'
import type { RecordedAnswer } from './fixtures.ts'

interface Case {
  name: string
  call: 'create' | 'poll'
  answer: RecordedAnswer
  means: object
}

function casesOf(file: string): Case[] {
  return JSON.parse(readFileSync(new URL(`../fixtures/answers/${file}.json`, import.meta.url), 'utf8'))
}

const dialect = createOpenaiVideos(settings(), 'generic')
const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

function read({ call, answer: recorded }: Case) {
  const received = answer(recorded)
  return call === 'poll'
    ? dialect.poll.decode(received, { id: 'job' })
    : dialect.create.decode(received, request)
}

const files = [
  { file: 'listed', atLeast: 30, what: 'no answer that was seen in the field is misunderstood' },
  { file: 'vendors', atLeast: 150, what: 'no answer that vendors document is misunderstood' },
  { file: 'wordings', atLeast: 90, what: 'no wording that was made up is misunderstood' },
]

for (const { file, atLeast, what } of files)
  t.test(what, async (t) => {
    const all = casesOf(file)
    t.ok(all.length >= atLeast)
    for (const each of all) t.match(read(each), each.means, each.name)
  })

t.test('a 400 that tells of a fault inside is unknown, or a no where server errors are one', async (t) => {
  const said = { error: { code: 'ContentSecurityDetectionError', message: 'Internal error. Request ID: 1' } }
  const strict = createOpenaiVideos(settings({ createServerError: 'rejected' }), 'generic')
  const received = answer({ status: 400, body: said })
  t.match(dialect.create.decode(received, request), { type: 'unknown' })
  t.match(strict.create.decode(received, request), { type: 'rejected' })
  const wait = answer({ status: 400, body: { error: { message: 'The external provider did not respond' } } })
  t.match(strict.create.decode(wait, request), { type: 'unknown' }, 'a wait that ended is never a no')
  const underWay = answer({ status: 409, body: { message: 'The same request is already in progress' } })
  t.match(strict.create.decode(underWay, request), { type: 'unknown' }, 'nor is a request under way')
})

t.test('an object that is called an error is no envelope of a job', async (t) => {
  const body = { error: { id: 'e1', status: 'succeeded', message: 'x' } }
  t.match(dialect.create.decode(answer({ status: 200, body }), request), { type: 'unknown' })
  t.match(dialect.poll.decode(answer({ status: 200, body }), { id: 'job' }), { type: 'unreadable' })
})

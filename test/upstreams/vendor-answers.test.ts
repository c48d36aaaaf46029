import { readFileSync } from 'node:fs'
import t from 'tap'
import { createOpenaiVideos } from '../../src/upstreams/openai-videos.ts'
import type { CreateRequest } from '../../src/ports/upstream.ts'
import { answer, settings } from './fixtures.ts'
import type { RecordedAnswer } from './fixtures.ts'

interface Case {
  name: string
  call: 'create' | 'poll'
  answer: RecordedAnswer
  means: object
}

const file = new URL('../fixtures/answers/vendors.json', import.meta.url)
const all: Case[] = JSON.parse(readFileSync(file, 'utf8'))
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

t.test('no answer of a vendor is misunderstood', async (t) => {
  t.ok(all.length >= 60)
  for (const { name, call, answer: recorded, means } of all) {
    const received = answer(recorded)
    const outcome =
      call === 'poll'
        ? dialect.poll.decode(received, { id: 'job' })
        : dialect.create.decode(received, request)
    t.match(outcome, means, name)
  }
})

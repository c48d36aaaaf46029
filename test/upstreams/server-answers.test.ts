import t from 'tap'
import { createVerdict } from '../../src/gateway/upstreams/answers/verdicts/create-verdict.ts'
import { withoutEchoes } from '../../src/gateway/upstreams/answers/echoes.ts'
import { createOpenaiVideos } from '../../src/gateway/upstreams/openai-videos/openai-videos.ts'
import { answer, settings } from './fixtures.ts'

const rules = { createServerError: 'unknown', echoes: [], receivedAt: 0 } as const

const verdict = (status: number, body: object) => createVerdict(answer({ status, body }), rules)

t.test('what a self-hosted server says about itself leads to the next candidate', async (t) => {
  const detail = { detail: 'input_reference is not supported for T2V models.' }
  t.match(verdict(400, detail), { type: 'invalid', elsewhere: true })
  const mismatch = "Model mismatch: request specifies 'a' but server is running 'b'."
  for (const body of [{ error: { message: mismatch, type: 'Bad Request', code: 400 } }, { detail: mismatch }])
    t.match(verdict(400, body), { type: 'upstream_down', modelGone: true })
  const size = { error: { message: 'String should match pattern', type: 'Bad Request', param: 'body.size' } }
  t.match(verdict(400, size), { type: 'invalid', elsewhere: true })
  const prompt = { error: { message: 'Field required', type: 'Bad Request', param: 'body.prompt' } }
  t.match(verdict(400, prompt), { type: 'invalid', elsewhere: false })
})

t.test(
  'vLLM-Omni with several workers is told as what it is: a server that was started wrongly',
  async (t) => {
    const request = {
      idempotencyKey: 'att_1',
      model: 'wan',
      prompt: 'a boat',
      durationSeconds: 4,
      size: '1280x720',
      reference: null,
      characterHandles: [],
      inlineCharacters: [],
    } as const
    const dialect = createOpenaiVideos(settings({ profile: 'vllm-omni' }), 'vllm-omni')
    const message =
      'Asynchronous video jobs is not supported with --api-server-count > 1 because the operation uses process-local frontend state'
    const body = { error: { message, type: 'Conflict', param: null, code: 409 } }
    t.match(
      dialect.create.decode(answer({ status: 409, body }), {
        ...request,
        characterHandles: [],
        inlineCharacters: [],
      }),
      {
        type: 'upstream_down',
        message: /Start it with --api-server-count 1\./,
      },
    )
    const refused = answer({ status: 409, body })
    const hint = /Start it with --api-server-count 1\./
    const operation = { id: 'video_gen_1' }
    t.match(dialect.poll.decode(refused, operation), { type: 'unreachable', message: hint })
    t.match(dialect.list?.decode(refused), { type: 'unreachable', message: hint })
    t.match(dialect.cancel?.decode(refused, operation), { type: 'not_cancelled', message: hint })
  },
)

t.test('only whole echoes of a sensible length are cut out of what a vendor says', async (t) => {
  const busy = 'Scheduler is overloaded'
  t.equal(withoutEchoes(busy, ['d', 'Sche', 'overload']), busy)
  t.equal(withoutEchoes(busy, ['d']), busy)
  t.equal(withoutEchoes('bad: a paper boat!', ['a paper boat']), 'bad: …!')
  t.equal(withoutEchoes('“一只猫在雨中奔跑的样子”违规', ['一只猫在雨中奔跑的样子']), '“…”违规')
  t.equal(withoutEchoes('提示词一只猫在雨中奔跑的样子违规', ['一只猫在雨中奔跑的样子']), '提示词…违规')
  t.equal(withoutEchoes('unoverloaded', ['overloaded']), 'unoverloaded', 'a part of a word is no echo')
})

import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { createProgress } from '../../src/cli/series/progress.ts'
import type { Scene, Series } from '../../src/cli/gateway/shapes.ts'

function sceneAt(number: number, given: Partial<Scene>): Scene {
  return {
    id: String(number),
    number,
    prompt: 'a mill',
    status: 'waiting',
    progress: 0,
    generation_id: null,
    upstream: null,
    cost_usd: 0,
    error: null,
    warnings: [],
    video: null,
    ...given,
  }
}

function seriesOf(progress: number, scenes: Scene[]): Series {
  const money = { cost_usd: 0.12, reserved_cost_usd: 0.24, max_cost_usd: 2 }
  return {
    id: 'ser_1',
    name: null,
    status: 'in_progress',
    progress,
    counts: {},
    created_at: '',
    ...money,
    scenes,
  }
}

const states = [
  seriesOf(20, [
    sceneAt(1, { id: 'tram\u001B[2J', status: 'in_progress', progress: 60, upstream: 'reseller' }),
    sceneAt(2, { status: 'queued' }),
    sceneAt(3, {}),
  ]),
  seriesOf(60, [
    sceneAt(1, {
      id: 'tram\u001B[2J',
      status: 'completed',
      upstream: 'reseller',
      cost_usd: 0.12,
      progress: 100,
    }),
    sceneAt(2, { status: 'failed', error: { code: 'content_refused', message: 'It was refused.' } }),
    sceneAt(3, { status: 'in_progress', progress: 30, upstream: 'reseller' }),
  ]),
]

function shown(isTTY: boolean): string {
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const terminal = {
    env: {},
    home: '',
    configFolder: '',
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    signal: new AbortController().signal,
  }
  const progress = createProgress(terminal)
  for (const state of states) progress.show(state)
  progress.tell('saved film/001-tram.mp4')
  progress.stop()
  return String(stderr.read() ?? '')
}

t.test(
  'a terminal shows a bar for each scene under way and one for all; what has ended is a line',
  async (t) => {
    const raw = shown(true)
    t.notOk(raw.includes('\u001B[2J'), 'text of scenes does not steer the terminal')
    const text = stripVTControlCharacters(raw)
    t.match(text, /60%  total  \$0\.12 of \$2\.00, \$0\.24 reserved/)
    t.match(text, /30%  003  reseller/)
    t.match(text, /001 tram.*  completed  reseller  \$0\.12\n/)
    t.match(text, /002  failed  It was refused\.\n/)
    t.match(text, 'saved film/001-tram.mp4\n')
    const [, last = ''] = text.split('saved film/001-tram.mp4\n')
    t.match(last, /%  total/)
    t.notMatch(last, /%  00[12]/, 'no bar for a scene that has ended')
  },
)

t.test('without a terminal there is one line for each change, and none for what stays', async (t) => {
  t.same(shown(false).split('\n'), [
    String.raw`001 tram\u001b[2J  in_progress  reseller`,
    '002  queued',
    String.raw`001 tram\u001b[2J  completed  reseller  $0.12`,
    '002  failed  It was refused.',
    '003  in_progress  reseller',
    'saved film/001-tram.mp4',
    '',
  ])
})

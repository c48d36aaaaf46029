import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import t from 'tap'
import { requestBody, withRequestOptions } from '../../src/cli/request.ts'
import type { RequestOptions } from '../../src/cli/request.ts'

/** The request body for these command line arguments. */
async function bodyOf(...words: string[]): Promise<object> {
  const command = withRequestOptions(new Command('generate'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  command.parse(['a boat', ...words], { from: 'user' })
  return requestBody('a boat', command.opts<RequestOptions>())
}

t.test('frames, references and settings of the command line are members of the request', async (t) => {
  const body = await bodyOf(
    '--first-frame',
    'https://a.example/first.png',
    '--last-frame',
    'https://a.example/last.png',
    '-i',
    'https://a.example/woman.png',
    '-i',
    'motion=https://a.example/walk.mp4',
    '-i',
    'voice=https://a.example/voice.wav?x=1',
    '--no-audio',
    '--seed',
    '7',
    '--negative-prompt',
    'rain',
    '--resolution',
    '720p',
    '--aspect-ratio',
    '16:9',
    '-O',
    'kling.mode=pro',
    '-O',
    'kling.boost=2',
    '-O',
    'ark.camera_fixed=true',
    '-O',
    'ark.tier="1"',
  )
  t.same(body, {
    prompt: 'a boat',
    first_frame: { image_url: 'https://a.example/first.png' },
    last_frame: { image_url: 'https://a.example/last.png' },
    references: [
      { image_url: 'https://a.example/woman.png' },
      { video_url: 'https://a.example/walk.mp4', role: 'motion' },
      { audio_url: 'https://a.example/voice.wav?x=1', role: 'voice' },
    ],
    audio: false,
    seed: 7,
    negative_prompt: 'rain',
    resolution: '720p',
    aspect_ratio: '16:9',
    options: { kling: { mode: 'pro', boost: 2 }, ark: { camera_fixed: true, tier: '1' } },
  })
  t.same(await bodyOf('--audio'), { prompt: 'a boat', audio: true })
  t.same(await bodyOf(), { prompt: 'a boat' }, 'nothing that nobody said')
})

t.test('a file among the inputs makes the request a form, with everything else as its parts', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-inputs-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const name of ['first.png', 'woman.png', 'voice.wav']) await writeFile(join(folder, name), name)
  const form = await bodyOf(
    '--first-frame',
    join(folder, 'first.png'),
    '--last-frame',
    'https://a.example/last.png',
    '-i',
    `style=${join(folder, 'woman.png')}`,
    '-i',
    join(folder, 'voice.wav'),
    '-i',
    'https://a.example/walk.mp4',
    '--audio',
    '-O',
    'kling.mode=pro',
  )
  if (!(form instanceof FormData)) return void t.fail('no form')
  const parts: Record<string, unknown[]> = {}
  for (const [name, value] of form.entries())
    (parts[name] ??= []).push(value instanceof File ? [value.name, await value.text()] : value)
  t.same(parts, {
    prompt: ['a boat'],
    audio: ['true'],
    options: ['{"kling":{"mode":"pro"}}'],
    references: [
      '[{"file":"1-woman.png","role":"style"},{"file":"2-voice.wav"},{"video_url":"https://a.example/walk.mp4"}]',
    ],
    last_frame_image_url: ['https://a.example/last.png'],
    first_frame: [['first.png', 'first.png']],
    files: [
      ['1-woman.png', 'woman.png'],
      ['2-voice.wav', 'voice.wav'],
    ],
  })
})

t.test('an option without its upstream is refused in words', async (t) => {
  await t.rejects(bodyOf('-O', 'mode=pro'), { message: /Must be UPSTREAM\.NAME=VALUE/ })
})

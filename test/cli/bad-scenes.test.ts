import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import type { Test } from 'tap'
import { runCli } from '../../src/cli/program.ts'
import { keys, startGateway } from '../e2e/gateway.ts'

async function workspace(t: Test, address: string) {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-scenes-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  async function run(args: string[], to = address) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const code = await runCli(args, {
      env: { UNDERSTUDY_URL: to, UNDERSTUDY_API_KEY: keys.studio },
      home: folder,
      configFolder: join(folder, 'settings'),
      stdin: Readable.from(['']),
      stdout,
      stderr,
      signal: new AbortController().signal,
    })
    return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
  }
  return { folder, run }
}

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('')

const bomb = `${many(9, (level) => `a${level}: &a${level} [${level === 0 ? 'x' : `*a${level - 1}`}${many(9, () => (level === 0 ? ', x' : `, *a${level - 1}`))}]\n`)}scenes: [a]\nmetadata: *a8\n`

/** The fault, the file, and the message about it; `F` stands for the file. */
const rows: Array<[string, string | Buffer, RegExp]> = [
  [
    'a fault among good scenes',
    'scenes:\n  - a mill\n  - prompt: a tram\n    duration: -1\n',
    /^F:4:5 \/scenes\/1\/duration /,
  ],
  [
    'several faulty scenes',
    'scenes:\n  - a mill\n  - prompt: ""\n  - { prompt: a, size: 1x1 }\n',
    /^F:3:5 \/scenes\/1\/prompt .*\nF:4:18 \/scenes\/2\/size /,
  ],
  ['a scene of the short form that is empty', 'scenes: ["a mill", ""]\n', /^F:1:20 \/scenes\/1\/prompt /],
  ['a scene that is no text', 'scenes: [7]\n', /^F:1:10 \/scenes\/0 /],
  ['101 scenes', `scenes:\n${many(101, () => '  - a mill\n')}`, /^F:1:1 \/scenes must have at most 100/],
  ['no scene', 'scenes: []\n', /^F:1:1 \/scenes /],
  ['no list', 'name: a\n', /^F has no scenes\. Add a list `scenes`\./],
  ['scenes that are a map', 'scenes: { a: b }\n', /^F:1:1 should be a list/],
  [
    'a duplicate id',
    'scenes:\n  - { id: a, prompt: b }\n  - { id: a, prompt: c }\n',
    /^F:3:7 \/scenes\/1\/id /,
  ],
  [
    'an unknown member',
    'scenes: [a]\nmax_cost_uds: 3\n',
    /^F:2:1 \/max_cost_uds .*did you mean `max_cost_usd`\?/,
  ],
  [
    'an unknown member of a scene',
    'scenes:\n  - prompt: a\n    duratoin: 3\n',
    /^F:3:5 \/scenes\/0\/duratoin .*did you mean `duration`\?/,
  ],
  [
    'an unknown character',
    'scenes:\n  - a mill\n  - "@nobody walks"\n',
    /^F:3:5 \/scenes\/1\/prompt .*@nobody/,
  ],
  [
    'a ceiling below the first scene',
    'scenes: [a mill]\nmax_cost_usd: 0.01\n',
    /^F:2:1 \/max_cost_usd is less than the first scene costs, \$0\.12/,
  ],
  [
    'a local file',
    'scenes:\n  - prompt: a\n    reference: { image_url: ./a.png }\n',
    /^F:3:18 \/scenes\/0\/reference\/image_url names a local file/,
  ],
  ['a file that is no YAML', 'scenes: [a\nname: {', /^F:\d+:\d+ is not valid YAML: /],
  [
    'a mention without quotes',
    'scenes:\n  - @nobody walks\n',
    /^F:2:5 is not valid YAML: .*Put the text in quotes/,
  ],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0xd8]), /^F is not UTF-8 text/],
  ['an empty file', '', /^F is empty/],
  ['a list', '- a mill\n', /^F:1:1 should be a map/],
  ['5 MB', `scenes:\n${many(500_000, () => '  - a mill\n')}`, /^F is larger than 1 MB/],
  ['aliases that multiply', bomb, /^F (?:is too large or too deeply nested|has too many aliases)/],
  [
    'an alias inside its own anchor',
    'scenes: [a]\nmetadata: &a { b: *a }\n',
    /^F is too large or too deeply nested/,
  ],
  ['an alias without an anchor', 'scenes: [*a]\n', /^F:1:10 is an alias without an anchor/],
  [
    '200000 aliases',
    `name: &a b\nscenes: [${many(20_000, () => '*a,')}]\n`,
    /^F:2:\d+ is one alias too many/,
  ],
  ['a member that is set twice', 'scenes: [a]\nname: a\nscenes: [b]\n', /^F:3:1 `scenes` is set twice/],
  [
    '80000 members',
    `scenes: [a]\nmetadata: {${many(20_000, (index) => `k${index}: "1",`)}}\n`,
    /^F:2:1 \/metadata must have at most 32 entries/,
  ],
  ['brackets without end', 'scenes: ' + '['.repeat(20_000), /^F:1:\d+ is nested too deeply/],
]

t.test(
  'a file of scenes that cannot be rendered is told with line and column, and nothing is stored',
  async (t) => {
    const gateway = await startGateway(t)
    const { folder, run } = await workspace(t, gateway.address)
    for (const [index, [name, text, words]] of rows.entries()) {
      const file = join(folder, `${index}.yaml`)
      await writeFile(file, text)
      const { code, out, err } = await run(['series', file, '--out', join(folder, 'film')])
      t.equal(code, 2, `${name}: ${err}`)
      t.match(err.replaceAll(file, 'F'), words)
      t.equal(out, '')
      t.notMatch(err, /\n {4}at /, 'no stack')
      t.notOk((await readdir(folder)).includes('.understudy-series.json'))
    }
    t.same((await gateway.call('GET', '/series')).body.data, [])
    t.same(gateway.simulator.control.renders(), [])
    t.same(await readdir(join(folder, 'film')), [], 'the corrected file may use the folder')
  },
)

t.test('what stands in the way of a series is told before anything is sent', async (t) => {
  const gateway = await startGateway(t)
  const { folder, run } = await workspace(t, gateway.address)
  const file = join(folder, 'scenes.yaml')
  await writeFile(file, 'scenes: [a mill]\n')
  const missing = await run(['series', join(folder, 'nowhere.yaml')])
  t.match(missing, { code: 2, err: /^Cannot read .*nowhere\.yaml/ })
  t.match(await run(['series', folder]), { code: 2, err: /^Cannot read / })
  await writeFile(join(folder, 'taken'), '')
  const taken = await run(['series', file, '--out', join(folder, 'taken')])
  t.match(taken, {
    code: 2,
    err: /^Cannot write to the folder .*taken \(EEXIST\)\. Choose another one with --out\.\nNothing was sent\./,
  })
  const below = await run(['series', file, '--out', join(folder, 'taken', 'film')])
  t.match(below, { code: 2, err: /^Cannot write to the folder .* \(ENOTDIR\)/ })
  await mkdir(join(folder, 'closed'), { mode: 0o500 })
  if (process.getuid?.() !== 0)
    t.match(await run(['series', file, '--out', join(folder, 'closed')]), { code: 2, err: /\(EACCES\)/ })
  await chmod(join(folder, 'closed'), 0o700)
  const nobody = await run(['series', file, '--out', join(folder, 'film')], 'http://127.0.0.1:1')
  t.match(nobody, {
    code: 4,
    err: /No gateway responds.*\nRun the same command again to continue\. It never creates a second series\./,
  })
  t.same((await gateway.call('GET', '/series')).body.data, [])
})

import { aPicture } from '../fixtures/pictures.ts'
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastify } from 'fastify'
import t from 'tap'
import { table } from '../../src/cli/output/table.ts'
import { world } from './world.ts'
import type { World } from './world.ts'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'

const quick = { render: { milliseconds: 200 } }

t.test('a character and a video from the command line, down to the file', async (t) => {
  const gateway = await startGateway(t, { live: true, upstreams: [{ ...reverse, ...quick }] })
  const { home, run } = await world(t, gateway.address)
  const clip = join(home, 'clip.mp4')
  const response = await fetch(`${gateway.simulator.origin}/clips/a.mp4?seconds=3&size=320x240`)
  await writeFile(clip, Buffer.from(await response.arrayBuffer()))

  const made = await run(['characters', 'create', 'mossy', '-v', clip, '-d', 'a moss troll', '-c', '0-2'])
  t.match(made, { code: 0, out: /^name +@mossy\n/ })
  t.match(
    (await run(['characters', 'show', '@mossy'])).out,
    /description +a moss troll\nclip +2\.0 s, 320x240/,
  )
  const front = join(home, 'front.png')
  await writeFile(front, aPicture(100))
  t.match(await run(['characters', 'stills', 'mossy', '-p', front]), {
    code: 0,
    out: /^from pictures\npicture +size\n\/characters\/char_\w+\/stills\/1 +1x1/,
  })
  t.match((await run(['characters', 'stills', 'mossy', '--json'])).out, /"from": "pictures"/)
  t.match(await run(['characters', 'create', 'drawn', '-p', front]), {
    code: 0,
    out: /clip +–\nstills +1 from pictures/,
  })
  t.match(await run(['characters', 'create', 'both', '-p', front, '-v', clip]), {
    code: 2,
    err: /exactly one of/,
  })
  t.match(await run(['characters', 'stills', 'mossy', '-p', front, 'https://x.example/a.png']), {
    code: 2,
    err: /only files or only URLs/,
  })
  await gateway.call('DELETE', '/characters/drawn')
  t.match((await run(['characters', 'list'])).out, /^name +id +bound to +created +description\n@mossy +char_/)
  t.match(JSON.parse((await run(['characters', 'list', '--json'])).out), [{ name: 'mossy' }])

  const out = join(home, 'out.mp4')
  const video = await run(['generate', '@mossy walks', '-d', '5', '--wait', '-o', out])
  t.match(video, {
    code: 0,
    out: /completed\n\nupstream +kind +state +cost +reason\nreseller +reverse +succeeded +\$0\.12/,
  })
  t.match(video.err, /^gen_\w+: Sending to reseller for about \$0\.12\n/)
  t.equal((await readFile(out)).subarray(4, 8).toString(), 'ftyp')

  const id = /gen_\w+/.exec(video.out)?.[0] ?? ''
  const watched = await run(['watch', id])
  t.match(watched, { code: 0, out: /generation\.queued\n.*attempt\.started +reseller/s })
  const lines = (await run(['watch', id, '--json'])).out.trim().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line).seq),
    lines.map((_line, index) => index + 1),
  )
})

t.test('the way a request would go, as a table and as JSON; nothing is sent', async (t) => {
  const gateway = await startGateway(t)
  const { run } = await world(t, gateway.address)
  const shown = await run(['route', 'a boat', '-d', '10', '-p', 'stability'])
  t.match(
    shown.out,
    /1 +official +official +– +\$1\.20.*\n2 +reseller.*\n\nExpected cost \$1\.20, worst case \$1\.32/s,
  )
  const plan = JSON.parse((await run(['route', 'a boat', '--json', '-u', 'reseller'])).out)
  t.match(plan, { candidates: [{ upstream: 'reseller' }], excluded: [{ code: 'not_in_allow_list' }] })
  t.same(gateway.simulator.control.renders(), [])
})

t.test('what can be asked for, as tables and as JSON', async (t) => {
  const gateway = await startGateway(t)
  const { run } = await world(t, gateway.address)
  const listed = await run(['models'])
  t.match(listed, {
    code: 0,
    out: /^model +upstream +kind +resolutions +characters +from\s+sora-2 \(default\) +\w+/,
  })
  t.match(listed.out, /\n +official +official +240p +reference +\$0\.1\/s\n/)
  const shown = await run(['models', 'sora-2'])
  t.match(shown.out, /official {2}official\nresolution +ratios +sizes +seconds +price\n240p +4:3 3:4 /)
  t.match(shown.out, / 4 8 12 +\$0\.1\/s\nInputs: 5 characters \(reference\)/)
  t.match(JSON.parse((await run(['models', 'sora-2', '--json'])).out), { id: 'sora-2', default: true })
  t.match(JSON.parse((await run(['models', '--json'])).out), [{ id: 'sora-2' }])
  t.match(await run(['models', 'sora-3']), { code: 2, err: /did you mean `sora-2`/ })
})

t.test('every way to fail has its exit code and a sentence', async (t) => {
  const gateway = await startGateway(t, { live: true, upstreams: [{ ...reverse, ...quick }, official] })
  const { run } = await world(t, gateway.address)
  const url = { UNDERSTUDY_URL: gateway.address }
  const rows: Array<[number, RegExp, string[], Parameters<World['run']>[1]]> = [
    [2, /unknown command/, ['make'], {}],
    [2, /Must be a number/, ['generate', 'a', '-d', 'long'], {}],
    [2, /@nobody does not exist/, ['generate', '@nobody walks'], {}],
    [2, /official: It does not offer 1x1|must have sides/, ['route', 'a', '-s', '1x1'], {}],
    [2, /Cannot read/, ['generate', 'a', '-r', '/nowhere/a.png'], {}],
    [2, /The generation does not exist/, ['watch', 'gen_00000000000000000000000000'], {}],
    [3, /No API key found/, ['characters', 'list'], { env: url }],
    [3, /API key is not valid/, ['characters', 'list'], { env: { ...url, UNDERSTUDY_API_KEY: 'wrong-key' } }],
    [
      4,
      /No gateway responds at http:\/\/127\.0\.0\.1:1\./,
      ['characters', 'list'],
      { env: { UNDERSTUDY_URL: 'http://127.0.0.1:1', UNDERSTUDY_API_KEY: 'k' } },
    ],
    [6, /is not finished yet/, ['generate', 'a boat', '-w', '--timeout', '0'], {}],
    [130, /Interrupted/, ['generate', 'a boat', '-w'], { signal: AbortSignal.abort() }],
  ]
  for (const [code, words, args, more] of rows) {
    const result = await run(args, more)
    t.equal(result.code, code, `${args.join(' ')}: ${result.err}`)
    t.match(result.err, words)
    t.notMatch(result.err, /\n {4}at /, 'no stack')
  }
  const refused = await run(['generate', 'something forbidden', '--wait'])
  t.match(refused, { code: 5, out: /failed: .*\n\nupstream/ })
})

t.test('a login is checked, kept for its owner only, and used for its own gateway only', async (t) => {
  const gateway = await startGateway(t)
  const { home, run } = await world(t, gateway.address)
  t.match(await run(['login', gateway.address], { env: {}, stdin: 'wrong-key\n' }), { code: 3 })
  const saved = await run(['login', `${gateway.address}/`], { env: {}, stdin: `${keys.studio}\n` })
  t.equal(saved.code, 0, saved.err)
  t.notMatch(saved.out + saved.err, keys.studio)
  const file = join(home, 'settings', 'login.json')
  t.equal((await stat(file)).mode & 0o777, 0o600)
  t.equal((await run(['characters', 'list'], { env: {} })).code, 0)
  const elsewhere = { UNDERSTUDY_URL: 'http://127.0.0.1:1' }
  t.match(await run(['characters', 'list'], { env: elsewhere }), { code: 3, err: /No API key found/ })
  await chmod(file, 0o644)
  t.match(await run(['characters', 'list'], { env: {} }), { code: 3, err: /is readable by other users/ })
  // The location in an earlier version.
  const earlier = join(home, '.config', 'understudy')
  await mkdir(earlier, { recursive: true })
  await rename(file, join(earlier, 'login.json'))
  await chmod(join(earlier, 'login.json'), 0o600)
  t.equal((await run(['characters', 'list'], { env: {} })).code, 0, 'an earlier login file is still found')
})

t.test('usage is a table with what was saved', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  const figures = {
    generations: 2,
    videos: 1,
    cost_usd: 0.12,
    reserved_cost_usd: 0,
    official_cost_usd: 1,
    saving_usd: 0.88,
  }
  const seen: string[] = []
  app.get('/usage', (request) => {
    seen.push(request.url)
    return {
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      group_by: ['upstream', 'character'],
      data: [{ upstream: 'reseller', characters: [{ id: 'char_1', name: 'mossy' }], ...figures }],
      totals: figures,
    }
  })
  const { run } = await world(t, await app.listen({ host: '127.0.0.1', port: 0 }))
  const shown = await run(['usage', '--by', 'upstream,character', '--from', '2026-11-01'])
  t.equal(
    shown.out,
    [
      '2026-11-01 to 2026-12-01',
      '',
      'upstream  character  generations  videos   cost  reserved  official  saved',
      'reseller  @mossy               2       1  $0.12     $0.00     $1.00  $0.88',
      'total                          2       1  $0.12     $0.00     $1.00  $0.88',
      '',
    ].join('\n'),
  )
  t.same(seen, ['/usage?group_by=upstream%2Ccharacter&from=2026-11-01T00%3A00%3A00Z'])
})

t.test('usage shows what vendors say that it cost, where any says it', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  const figures = { generations: 2, videos: 1, cost_usd: 0.12, reserved_cost_usd: 0 }
  const saved = { official_cost_usd: 1, saving_usd: 0.88 }
  const said = { vendor_cost_usd: 0.2, vendor_difference_usd: 0.08 }
  app.get('/usage', () => ({
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    group_by: ['upstream'],
    data: [
      { upstream: 'openai', ...figures, ...saved, vendor_cost_usd: null, vendor_difference_usd: null },
      { upstream: 'reseller', ...figures, ...saved, ...said },
    ],
    totals: { ...figures, ...saved, ...said },
  }))
  const { run } = await world(t, await app.listen({ host: '127.0.0.1', port: 0 }))
  const { out } = await run(['usage', '--by', 'upstream'])
  const [, , head, openai, reseller, all] = out.split('\n')
  t.match(head, /saved  vendor cost  difference$/)
  t.match(openai, /\$0\.88 +– +–$/)
  t.match(reseller, /\$0\.88 +\$0\.20 +\$0\.08$/)
  t.match(all, /\$0\.88 +\$0\.20 +\$0\.08$/)
})

t.test('help says what the exit codes mean', async (t) => {
  const { run } = await world(t, 'http://127.0.0.1:1')
  t.match(await run(['--help']), { code: 0, out: /Exit codes:\n {2}0 {4}success/ })
})

t.test('a table without rows is its head', async (t) => {
  t.equal(table(['a', 'b'], []), 'a  b')
})

t.test('--json after a command of a series prints JSON', async (t) => {
  const gateway = await startGateway(t, { upstreams: [reverse] })
  const { run } = await world(t, gateway.address)
  const { body } = await gateway.call('POST', '/series', { scenes: [{ prompt: 'a boat', duration: 5 }] })
  const id: string = body.id
  for (const args of [['list'], ['show', id], ['cancel', id]]) {
    const { code, out } = await run(['series', ...args, '--json'])
    t.equal(code, 0, args.join(' '))
    t.match(JSON.parse(out), args[0] === 'list' ? [{ id }] : { id, object: 'series' })
  }
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { makeCharacter, startStage } from '../e2e/comparison-stage.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { world } from './world.ts'
import type { Result } from './world.ts'

const scenes = ['@coffee_girl walks on a beach', '@coffee_girl in a tram']
const upstreams = ['-u', 'reseller', 'official']

/** Steps the gateway, whose clock is held, until the command has ended. */
async function stepping(gateway: Gateway, command: Promise<Result>): Promise<Result> {
  const over = new AbortController()
  const ended = command.finally(() => over.abort())
  while (!over.signal.aborted) {
    await gateway.advance(1000)
    await pause(20)
  }
  return ended
}

function creates({ simulator }: Gateway): number {
  const { reseller, official } = simulator.control.requests()
  return (reseller?.create ?? 0) + (official?.create ?? 0)
}

t.test('a comparison shows its worst case, is waited for, and leaves a table and a sheet', async (t) => {
  const gateway = await startStage(t)
  await makeCharacter(gateway, 'coffee_girl')
  const { home, run } = await world(t, gateway.address)
  const command = ['compare', '@coffee_girl', ...scenes, ...upstreams]

  const unasked = await run(command)
  t.equal(unasked.code, 2)
  t.match(unasked.err, /reseller +2 +\$0\.24\nofficial +2 +\$1\.60\ntotal +4 +\$1\.84\n/)
  t.match(unasked.err, /nobody can be asked here.*--yes/)
  t.match(await run([...command, '--yes', '--max-cost', '1']), {
    code: 2,
    err: /worst case is more than --max-cost \$1\.00\. Nothing was sent/,
  })
  t.match(await run(['compare', 'nobody', ...scenes, ...upstreams, '--yes']), { code: 2 })
  t.match(await run(['compare', 'coffee_girl', ...scenes, '-u', 'nobody', '--yes']), {
    code: 2,
    err: /^Scene 1 on nobody: /,
  })
  t.equal(creates(gateway), 0, 'nothing is sent before')

  const sheet = join(home, 'sheet.html')
  const { code, out, err } = await stepping(gateway, run([...command, '--yes', '-o', sheet]))
  t.equal(code, 0, err)
  t.match(err, /total +4 +\$1\.84\n/)
  t.match(out, /^cmp_\w+ {2}completed, \$1\.84 paid\n/)
  t.match(out, /\nreseller +2 of 2 +\$0\.24 +\$0\.00 +[\d.]+ s +[\d.]+ +[\d.]+\n/)
  t.match(out, /\nofficial +2 of 2 +\$1\.60 /)
  t.match(await readFile(sheet, 'utf8'), /^<!doctype html>/i)
  t.equal(creates(gateway), 4)
})

t.test(
  'a comparison with failures ends with the code for no video, as JSON and with a picture',
  async (t) => {
    const gateway = await startStage(t)
    await makeCharacter(gateway, 'coffee_girl')
    const { home, run } = await world(t, gateway.address)
    gateway.simulator.control.setFaults('official', [{ kind: 'fails_late' }])
    const sheet = join(home, 'sheet.png')
    const asked = ['compare', 'coffee_girl', ...scenes.slice(0, 1), ...upstreams, '-y', '-o', sheet, '--json']
    const { code, out } = await stepping(gateway, run(asked))
    t.equal(code, 5)
    t.match(JSON.parse(out), { table: [{ delivered: 1 }, { delivered: 0, failed: 1 }] })
    t.same([...(await readFile(sheet)).subarray(1, 4)], [...Buffer.from('PNG')])
  },
)

t.test('a comparison that takes too long goes on at the gateway', async (t) => {
  const gateway = await startStage(t)
  await makeCharacter(gateway, 'coffee_girl')
  const { run } = await world(t, gateway.address)
  const asked = ['compare', 'coffee_girl', ...scenes.slice(0, 1), ...upstreams, '-y', '--timeout', '0']
  t.match(await run(asked), { code: 6, err: /cmp_\w+ is not finished yet/ })
})

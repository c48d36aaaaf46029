import { spawnSync } from 'node:child_process'
import t from 'tap'
import { seriesOf } from './metrics-page.ts'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { skipWithout } from '../observe/programs.ts'

const observer = { authorization: `Bearer ${keys.other}` }
const on = { metrics: { enabled: true }, keys: { other: { scopes: ['observe'] } } }
const scene = { prompt: 'a paper boat', duration: 5 }

async function pageOf(gateway: Gateway): Promise<string> {
  await gateway.advance(10_000)
  return String((await gateway.call('GET', '/metrics', undefined, observer)).body)
}

/** A little of everything: delivered, fallen back, refused, unknown, cancelled, and requests that fail. */
async function playEverything(gateway: Gateway): Promise<void> {
  const { control } = gateway.simulator
  await gateway.generate(scene)
  control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  await gateway.generate(scene)
  control.setFaults('reseller', [{ on: ['create'], kind: 'reset', accepted: true, times: 1 }])
  await gateway.generate({ ...scene, routing: { upstreams: ['reseller'] } })
  control.reset()
  const { id } = (await gateway.call('POST', '/generate', scene)).body
  await gateway.call('POST', `/generations/${id}/cancel`)
  await gateway.call('GET', '/generations/gen_00000000000000000000000000')
  await gateway.call('GET', '/nowhere')
  await gateway.call('POST', '/generate', { prompt: '' })
  for (let step = 0; step < 10; step++) await gateway.advance(30_000)
}

const skip = skipWithout('promtool')

t.test('promtool has nothing to say of the page, after generations of every kind', { skip }, async (t) => {
  const gateway = await startGateway(t, on)
  await playEverything(gateway)
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await pageOf(gateway),
    encoding: 'utf8',
  })
  t.equal(`${stdout}${stderr}`.trim(), '')
  t.equal(status, 0)
})

t.test('the series are the same after more of the same, whatever callers send', async (t) => {
  const gateway = await startGateway(t, on)
  await playEverything(gateway)
  await pageOf(gateway)
  const before = ownSeries(await pageOf(gateway))
  for (let round = 0; round < 20; round++) {
    await gateway.call('GET', `/generations/gen_${String(round).padStart(26, '0')}`)
    await gateway.call('GET', `/nowhere/${round}`)
    await gateway.call('POST', '/generate', { ...scene, model: `model-${round}` })
    await gateway.generate({ ...scene, metadata: { round: String(round) } })
  }
  await playEverything(gateway)
  const after = ownSeries(await pageOf(gateway))
  t.same(
    after.filter((name) => !before.includes(name)),
    [],
  )
  t.equal(after.length, before.length)
  t.comment(`${after.length} series of the gateway with two upstreams`)
})

/** Without those of Node, which lists its open resources by type. The page itself has been asked for before. */
function ownSeries(page: string): string[] {
  return [...seriesOf(page).keys()].filter((name) => name.startsWith('understudy_')).toSorted()
}

import { join } from 'node:path'
import t from 'tap'
import { markFile } from '../../src/gateway/storage/moving/moved-mark.ts'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'

const operator = { authorization: `Bearer ${keys.other}` }

t.test('a moved installation sends nothing, says where it went, and is not released', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['operate', 'admin'] } } })
  const { control } = gateway.simulator
  const shown = async () => (await gateway.call('GET', '/operations/restore', undefined, operator)).body
  t.match(await shown(), { held_since: null, moved_away: null })
  await gateway.call('POST', '/generate', { prompt: 'a paper boat', duration: 5 })
  const at = gateway.now()
  markFile(join(gateway.directory, 'understudy.db'), { at, to: '/moves/there' })
  await gateway.restart()
  for (let minute = 0; minute < 5; minute++) await gateway.advance(60_000)
  t.match(await shown(), {
    held_since: /^2/,
    moved_away: { at: new Date(at).toISOString(), to: '/moves/there' },
  })

  // No upstream is asked before: it could keep the answer away.
  for (const { id } of [reverse, official]) control.setFaults(id, [{ kind: 'server_error', on: ['list'] }])
  for (const body of [undefined, { unsearched: true }])
    t.match(await gateway.call('POST', '/operations/release', body, operator), {
      status: 409,
      body: { code: 'conflict', detail: /moved away .*to \/moves\/there.*export --take-back/ },
    })
  await gateway.advance(60_000)
  t.equal(control.renders().length, 0)
})

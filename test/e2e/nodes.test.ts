import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { keys, startGateway } from './gateway.ts'

t.test('a gateway with a database of its own lists itself', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['observe'] } } })
  const observer = { authorization: `Bearer ${keys.other}` }
  const list = () => gateway.call('GET', '/nodes', undefined, observer)
  // It says that it is there once it listens, without keeping requests waiting for that.
  while ((await list()).body.data.length === 0) await pause(10)
  const { status, body } = await list()
  t.equal(status, 200)
  t.match(body, {
    data: [
      {
        object: 'node',
        self: true,
        role: 'all',
        address: gateway.address,
        silent: false,
        clock_skewed: false,
      },
    ],
    has_more: false,
  })
  t.equal(body.data.length, 1)
  t.equal((await gateway.call('GET', '/nodes')).status, 403)
})

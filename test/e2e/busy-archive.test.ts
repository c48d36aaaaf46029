import t from 'tap'
import { reverse, startGateway } from './gateway.ts'

let busy = true
const gateway = await startGateway(t, {
  upstreams: [{ ...reverse, render: { polls: 1 } }],
  wrap: {
    archive: (archive) => ({
      ...archive,
      put: async (id, body, rules) => {
        if (!busy) return archive.put(id, body, rules)
        for await (const _ of body);
        return { type: 'busy', message: 'The gateway is too busy to check the file. Try again later.' }
      },
    }),
  },
})

t.test('a paid video is not given up because this machine had no time to look at it', async (t) => {
  const { body } = await gateway.call('POST', '/generate', { prompt: 'a paper boat', duration: 5 })
  // Twice the number of tries of a download that fails at its upstream.
  for (let minute = 0; minute < 60; minute++) await gateway.advance(60_000)
  const waiting = (await gateway.call('GET', `/generations/${body.id}`)).body
  t.match(waiting, { status: 'in_progress', attempts: [{ state: 'archiving' }] })
  t.ok(waiting.attempts[0].last_error.tries > 24)
  busy = false
  t.match(await gateway.finished(body.id), { status: 'completed' })
})

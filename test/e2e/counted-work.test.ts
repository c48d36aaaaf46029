import { StatementSync } from 'node:sqlite'
import t from 'tap'
import type { Test } from 'tap'
import { official, startGateway } from './gateway.ts'

/** The statements of this process from now on. */
function watchStatements(t: Test): string[] {
  const seen: string[] = []
  const original = Object.getOwnPropertyDescriptors(StatementSync.prototype)
  t.teardown(() => void Object.defineProperties(StatementSync.prototype, original))
  for (const name of ['all', 'run'] as const) {
    const { value: method } = original[name]
    if (method === undefined) throw new Error(`there is no ${name}`)
    Object.defineProperty(StatementSync.prototype, name, {
      ...original[name],
      value(this: StatementSync, ...parameters: unknown[]) {
        seen.push(this.sourceSQL)
        return Reflect.apply(method, this, parameters)
      },
    })
  }
  return seen
}

t.test('an accept is a few statements in one commit, and a poll reads one row', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const scene = { prompt: 'a lighthouse of glass', duration: 8, metadata: { shot: '12b' } }
  const { id } = await gateway.generate(scene)
  const path = `/generations/${id}`
  await gateway.call('GET', path)

  const seen = watchStatements(t)
  await gateway.call('GET', path)
  await gateway.call('GET', path)
  t.ok(seen.length <= 2, 'at most one statement for each poll')
  for (const sql of seen) t.match(sql, /^select .* from "generations" where "id" = \?$/)

  seen.length = 0
  const { status } = await gateway.call('POST', '/generate', scene)
  t.equal(status, 202)
  t.comment(seen.join('\n'))
  t.equal(seen.filter((sql) => sql === 'commit').length, 1)
  t.notMatch(seen.join('\n'), /savepoint/)
  t.ok(seen.length <= 8, `${seen.length} statements, with those that begin and end the transaction`)
})

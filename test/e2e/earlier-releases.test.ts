import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { answerOf, ReleaseAnswers, releaseKeys } from '../fixtures/storage/release.ts'
import { startGateway } from './gateway.ts'

const folder = new URL('../fixtures/storage/', import.meta.url)
const releases = readdirSync(folder).filter((name) => /^release-\d+\.\d+\.\d+\.json$/.test(name))

/** An answer may have more than the release said, since clients ignore what they do not know. */
function without(more: unknown, known: unknown): unknown {
  if (Array.isArray(more) && Array.isArray(known))
    return more.map((each, index) => (index < known.length ? without(each, known[index]) : each))
  if (!isRecord(more) || !isRecord(known)) return more
  return Object.fromEntries(
    Object.entries(more)
      .filter(([name]) => name in known)
      .map(([name, value]) => [name, without(value, known[name])]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

t.not(releases.length, 0, 'some release left its data')

for (const file of releases) {
  const kept = ReleaseAnswers.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
  t.test(`data of ${kept.version} is answered as then, and its work goes on`, async (t) => {
    const gateway = await startGateway(t, {
      keys: releaseKeys,
      startAt: kept.now,
      bring(directory) {
        using database = new DatabaseSync(`${directory}/understudy.db`)
        database.exec(readFileSync(new URL(file.replace(/json$/, 'sql'), folder), 'utf8'))
      },
    })
    for (const [path, answer] of Object.entries(kept.answers))
      t.same(without(await answerOf(gateway, path), answer), answer, path)

    const [rendering, queued] = [kept.rendering, kept.queued]
    await gateway.advance(10_000)
    const prompts = gateway.simulator.control.renders().map(({ prompt }) => prompt)
    t.same(prompts, ['a generation that nobody sent yet'], 'what was sent then is not sent again')
    t.equal((await gateway.finished(queued)).status, 'completed')
    const { attempts } = (await gateway.call('GET', `/generations/${rendering}`)).body
    t.equal(attempts.length > 0, true)
    const made = await gateway.generate({ prompt: 'after the upgrade', duration: 10 })
    t.equal(made.status, 'completed')
  })
}

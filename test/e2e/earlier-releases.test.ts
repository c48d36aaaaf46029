import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { answersAlike, ReleaseAnswers, releaseKeys, workGoesOn } from '../fixtures/storage/release.ts'
import { startGateway } from './gateway.ts'

const folder = new URL('../fixtures/storage/', import.meta.url)
const releases = readdirSync(folder).filter((name) => /^release-\d+\.\d+\.\d+\.json$/.test(name))

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
    await answersAlike(t, gateway, kept)
    await workGoesOn(t, gateway, kept)
  })
}

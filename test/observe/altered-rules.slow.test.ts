import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { textOf } from '../docs/files.ts'
import { promtool, skipWithout } from './programs.ts'
import { alertsOf, alteredCopies, rulesOf, testsFor, testsOf, withAlert } from './rules.ts'

const skip = skipWithout('promtool')
const rules = rulesOf(textOf('deploy/observe/rules.yml'))
const tests = testsOf(textOf('deploy/observe/rules.test.yml'))

t.test('an alert with another threshold or another time fails its test', { skip }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-rules-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const waiting = alertsOf(rules)
  async function examine(alert: (typeof waiting)[number]): Promise<void> {
    const folder = join(directory, alert.alert)
    await mkdir(folder)
    const file = join(folder, 'alert.test.yml')
    const test = async (copy: typeof alert) => {
      await writeFile(join(folder, 'rules.yml'), stringify(withAlert(rules, copy)))
      return promtool('test', 'rules', file)
    }
    await writeFile(file, stringify(testsFor(tests, alert.alert)))
    t.equal(await test(alert), null, `${alert.alert} as it is passes`)
    const copies = alteredCopies(alert)
    t.ok(copies.length > 3, `${alert.alert} has a threshold`)
    for (const copy of copies)
      t.match(await test(copy), /FAILED/, `${copy.alert} if ${copy.expr} for ${copy.for} fails`)
  }
  async function worker(): Promise<void> {
    for (let alert = waiting.shift(); alert !== undefined; alert = waiting.shift()) await examine(alert)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
})

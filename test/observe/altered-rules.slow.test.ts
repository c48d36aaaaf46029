import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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
  for (const alert of alertsOf(rules)) {
    const file = join(directory, `${alert.alert}.test.yml`)
    const test = async (copy: typeof alert) => {
      await writeFile(join(directory, 'rules.yml'), stringify(withAlert(rules, copy)))
      return promtool('test', 'rules', file)
    }
    await writeFile(file, stringify(testsFor(tests, alert.alert)))
    t.equal(await test(alert), null, `${alert.alert} as it is passes`)
    const copies = alteredCopies(alert)
    t.ok(copies.length > 3, `${alert.alert} has a threshold`)
    for (const copy of copies)
      t.match(await test(copy), /FAILED/, `${copy.alert} if ${copy.expr} for ${copy.for} fails`)
  }
})

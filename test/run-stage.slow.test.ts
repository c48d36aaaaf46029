import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = new URL('..', import.meta.url).pathname

const fails = `import t from 'tap'
t.ok(false, 'as it should be')`
/** Fails the first time, as a test does whose machine was busy. */
const failsOnce = `import t from 'tap'
import { existsSync, writeFileSync } from 'node:fs'
const seen = new URL(import.meta.url + '.seen')
const again = existsSync(seen)
writeFileSync(seen, '')
t.ok(again, 'as it should be')`

function stage(folder: string, files: Record<string, string>, env: Record<string, string> = { CI: 'true' }) {
  const names = Object.entries(files).map(([name, text]) => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  })
  // oxlint-disable-next-line node/no-process-env
  const { CI: _, TAP_RCFILE: __, ...own } = process.env
  const outer = Object.entries(own).filter(([name]) => !/^_?TAP/.test(name))
  const { status, stdout } = spawnSync(process.execPath, ['.tooling/run-stage.mjs', '.taprc', ...names], {
    cwd: root,
    encoding: 'utf8',
    env: { ...Object.fromEntries(outer), ...env },
  })
  return { status, stdout }
}

t.test(
  'one file that fails once is told as unsteady, and fails the stage where it is no matter of time',
  async (t) => {
    const folder = (name: string) => {
      const path = join(t.testdir(), name)
      mkdirSync(path, { recursive: true })
      return path
    }
    t.testdir({})
    const unsteady = stage(folder('unsteady'), { 'a.test.ts': failsOnce })
    t.equal(unsteady.status, 0, unsteady.stdout)
    t.match(unsteady.stdout, /as it should be[^]*Unsteady: .*a\.test\.ts failed once/, 'with what failed')

    const failed = stage(folder('fails'), { 'a.test.ts': fails })
    t.not(failed.status, 0)
    t.match(failed.stdout, /Failed;[^]*a\.test\.ts[^]*as it should be/, 'the end of the log says what failed')
    t.not(stage(folder('kill'), { 'a-kill.test.ts': failsOnce }).status, 0, 'a payment lost once is lost')
    t.not(
      stage(folder('two'), { 'a.test.ts': failsOnce, 'b.test.ts': failsOnce }).status,
      0,
      'two are a pattern',
    )
    t.not(stage(folder('desk'), { 'a.test.ts': failsOnce }, {}).status, 0, 'outside CI it fails')
  },
)

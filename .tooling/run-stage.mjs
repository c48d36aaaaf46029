// Runs a stage of the tests: node .tooling/run-stage.mjs RCFILE [FILE ...]
// Where CI is set, one file that failed is run a second time, alone. If it passes then, it is told as unsteady, with what failed
// the first time, and the stage passes: a check that depends on how busy the machine is refuses no change, and is not hidden.
// Two failed files are a failure, and so is one whose runs differ on purpose (kills, chaos, random inputs): what such a test finds
// once may be a payment or a render that is lost once.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const differs = /kill|chaos|crash|fleet|property|faults/
const [rcfile, ...files] = process.argv.slice(2)

const folder = mkdtempSync(join(tmpdir(), 'understudy-stage-'))
process.exitCode = stage(join(folder, 'failed.json'))
rmSync(folder, { recursive: true, force: true })

function stage(list) {
  const code = tap(files, list)
  if (code === 0 || !process.env.CI) return code
  const failed = failedIn(list)
  if (failed.length !== 1 || differs.test(failed[0])) return code
  console.log(`\nA second time, alone: ${failed[0]}\n`)
  if (tap(failed, list) !== 0) return code
  console.log(
    `\nUnsteady: ${failed[0]} failed once (see above), and passed alone. Make it steady before the next change.`,
  )
  return 0
}

function tap(chosen, list) {
  rmSync(list, { force: true })
  const env = { ...process.env, TAP_RCFILE: rcfile, FAILED_FILES: list }
  return spawnSync('npx', ['tap', ...chosen], { stdio: 'inherit', env }).status ?? 1
}

/** None if tap itself ended before it could say. */
function failedIn(list) {
  try {
    return JSON.parse(readFileSync(list, 'utf8'))
  } catch {
    return []
  }
}

/**
 * `npm run bench`: all that docs/BENCHMARKS.md has a goal for, in one table. Runs the programs of this folder one after another;
 * `--only STEP` chooses, `--quick` is shorter, `--json FILE` keeps. Exits 1 when an accept is below its floor, or when something
 * could not be measured. Linux, with at least two cores.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { flag, makeRoot, parseOptions, say } from './program.ts'
import { judge, rows, shownTable } from './rows/rows.ts'
import type { Outcome } from './rows/rows.ts'
import { runStep } from './rows/run-step.ts'
import { stepNames, steps } from './rows/steps.ts'
import type { StepName } from './rows/steps.ts'

const given = parseOptions(stepNames, { quick: flag })
/** LiteLLM brings a hundred packages with it. */
const installMinutes = 20

const root = await makeRoot(given.directory, 'rows')
const tell = (text: string): void => void process.stderr.write(`${text}\n`)
const failures: string[] = []

async function run(name: StepName): Promise<Outcome> {
  const { script, args, quick, minutes } = steps[name]
  const folder = join(root, name)
  await mkdir(folder)
  const from = performance.now()
  const { outcome, isBelowFloor, said } = await runStep({
    name,
    script,
    args: given.quick ? quick : args,
    folder,
    deadlineMs: minutes * 60_000,
  })
  tell(`${name}: ${((performance.now() - from) / 1000).toFixed(0)} s`)
  if (isBelowFloor) failures.push(`${name}: below a floor\n${said}`)
  if (outcome.type === 'failed') failures.push(`${name}: not measured, ${outcome.why}\n${said}`)
  else if (
    rows.some(({ step, figure }) => step === name && !outcome.figures.some((each) => each.name === figure))
  )
    tell(said)
  return outcome
}

const machine = {
  node: process.versions.node,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? '',
  load: loadavg().map((each) => Number(each.toFixed(1))),
}
tell(`Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), load ${machine.load.join(' ')}`)
if (given.only.includes('peers')) {
  // Once: they are kept. Where they cannot be had, `peers` says so.
  const args = ['--install-only']
  await runStep({
    name: 'install',
    script: 'peers.ts',
    args,
    folder: root,
    deadlineMs: installMinutes * 60_000,
  })
}
const outcomes = new Map<StepName, Outcome>()
for (const name of stepNames) if (given.only.includes(name)) outcomes.set(name, await run(name))
const judged = rows.flatMap((row) => {
  const outcome = outcomes.get(row.step)
  return outcome === undefined ? [] : [judge(row, outcome)]
})
say(shownTable(judged))
for (const failure of failures) say(`\n${failure}`)
if (given.json !== undefined)
  await writeFile(given.json, `${JSON.stringify({ machine, given, rows: judged, failures }, null, 2)}\n`)
process.exitCode = failures.length === 0 ? 0 : 1

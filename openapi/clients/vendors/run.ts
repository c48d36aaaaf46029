import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { nodeEnvironment, pythonEnvironment, runTrial } from '../environment.ts'
import { run } from '../tool.ts'
import { record } from './recording.ts'
import { prompts, sdks } from './sdks.ts'
import type { VendorSdk } from './sdks.ts'
import { startVendorStage } from './stage.ts'
import type { VendorStage } from './stage.ts'

/**
 * `npm run try:vendors [-- --only ID] [--record]`: vendors' own SDKs, each at its dialect of the simulator. Prints a table and
 * ends with 1 where a case fails. `--record` keeps their creates for the tests that need no registry. Says so and ends with 0
 * where npm's registry, PyPI or Python cannot be reached.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, record: { type: 'boolean' } } })

/** A program that hangs is a failure: Runway's SDK waits six seconds for each of its cases. */
const programMs = 300_000
const programs = new URL('programs/', import.meta.url)
const outcomes = z.array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string() }))
type Outcomes = z.output<typeof outcomes>

await runTrial(async () => {
  const chosen = sdks.filter(({ id }) => values.only === undefined || values.only === id)
  if (chosen.length === 0) throw new Error(`--only is one of ${sdks.map(({ id }) => id).join(', ')}.`)
  const installed = new Map<VendorSdk, string[]>()
  for (const sdk of chosen) installed.set(sdk, await commandOf(sdk))
  const directory = await mkdtemp(join(tmpdir(), 'understudy-vendors-'))
  await using stage = await startVendorStage()
  const lines: string[] = []
  let failures = 0
  for (const [sdk, command] of installed) {
    const told = await tried(sdk, command, stage, join(directory, `${sdk.id}.jsonl`))
    const done = told.map((each) => (each.passed ? compared(each, sdk, stage) : each))
    const failed = done.filter(({ passed }) => !passed)
    failures += failed.length + (done.length === 0 ? 1 : 0)
    for (const { name, detail } of failed) process.stdout.write(`${sdk.id}: ${name}: ${detail}\n`)
    lines.push(rowOf(sdk, done))
    if (values.record === true && failed.length === 0) await record(sdk, stage)
  }
  await rm(directory, { recursive: true, force: true })
  process.stdout.write(
    `| SDK | dialect | passed | failed |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`,
  )
  if (failures > 0) throw new Error(`${failures} cases fail.`)
})

/** The command that runs a program, in an environment with the SDK. */
async function commandOf({ id, language, packages, program }: VendorSdk): Promise<string[]> {
  const name = `vendors-${id}`
  if (language === 'python') {
    const python = join(await pythonEnvironment(name, ...packages), 'python')
    return [python, new URL(program, programs).pathname]
  }
  const folder = await nodeEnvironment(name, ...packages)
  for (const file of await readdir(programs))
    if (file.endsWith('.mjs')) await copyFile(new URL(file, programs), join(folder, file))
  return [process.execPath, join(folder, program)]
}

async function tried(
  sdk: VendorSdk,
  command: string[],
  stage: VendorStage,
  results: string,
): Promise<Outcomes> {
  const [program = '', ...args] = command
  const env = { VENDOR_STAGE: stage.told(sdk), VENDOR_RESULTS: results, AI_SDK_LOG_WARNINGS: 'false' }
  const code = await run(program, args, { env, timeoutMs: programMs })
  const text = await readFile(results, 'utf8').catch(() => '')
  const done = outcomes.parse(
    text.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)])),
  )
  return code === 0 ? done : [...done, { name: 'program', passed: false, detail: `ended with ${code}` }]
}

/** A case fails too where the vendor made a video without what was sent with the prompt. */
function compared(outcome: Outcomes[number], sdk: VendorSdk, stage: VendorStage): Outcomes[number] {
  const wanted: Record<string, readonly string[]> = {
    text: [],
    first_frame: ['first_frame'],
    frames: ['first_frame', 'last_frame'],
    start_and_end: ['first_frame', 'last_frame'],
    references: sdk.references,
  }
  const expected = wanted[outcome.name]
  if (expected === undefined) return outcome
  const prompt = Object.entries(prompts).find(([name]) => name === outcome.name)?.[1] ?? ''
  const got = stage.understood(sdk).get(prompt) ?? ['nothing']
  if (got.join() === expected.join()) return outcome
  return { ...outcome, passed: false, detail: `sent ${expected.join()}, understood ${got.join()}` }
}

function rowOf({ packages, dialect }: VendorSdk, done: Outcomes): string {
  const named = (isPassed: boolean) =>
    done.flatMap(({ name, passed }) => (passed === isPassed ? [name] : [])).join(', ')
  return `| ${packages[0]} | ${dialect} | ${named(true)} | ${named(false)} |`
}

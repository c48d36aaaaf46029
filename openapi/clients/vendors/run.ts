import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { nodeEnvironment, pythonEnvironment, runTrial } from '../environment.ts'
import { MissingToolError, run } from '../tool.ts'
import { record } from './recording.ts'
import { prompts, sdks } from './sdks.ts'
import type { VendorSdk } from './sdks.ts'
import { startVendorStage } from './stage.ts'
import type { VendorStage } from './stage.ts'

/**
 * `npm run try:vendors [-- --only ID] [--record]`: vendors' own SDKs, each at its dialect of the simulator. Prints a table and
 * ends with 1 where a case fails; the same stands in `openapi/clients/out/vendors.json`. `--record` keeps their creates for the
 * tests that need no registry. Skips, and says so, what needs a registry or a Python that is not there.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, record: { type: 'boolean' } } })

/** What every program tries. */
const always = ['text', 'refused', 'refused_late', 'wrong_key']
/** A program that hangs is a failure: Runway's SDK waits six seconds for each of its cases. */
const programMs = 300_000
const programs = new URL('programs/', import.meta.url)
const outcomes = z.array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string() }))
type Outcomes = z.output<typeof outcomes>

await runTrial(async () => {
  const chosen = sdks.filter(({ id }) => values.only === undefined || values.only === id)
  if (chosen.length === 0) throw new Error(`--only is one of ${sdks.map(({ id }) => id).join(', ')}.`)
  const directory = await mkdtemp(join(tmpdir(), 'understudy-vendors-'))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  const stage = opened.use(await startVendorStage())
  const tries: Try[] = []
  for (const sdk of chosen) {
    const command = await commandOf(sdk).catch(unlessMissing)
    if (typeof command === 'string') {
      process.stderr.write(`skipped: ${command}\n`)
      continue
    }
    const cases = await tried(sdk, command, stage, join(directory, `${sdk.id}.jsonl`))
    tries.push({ sdk: sdk.packages[0], dialect: sdk.dialect, cases })
    for (const { name, passed, detail } of cases)
      if (!passed) process.stdout.write(`${sdk.id}: ${name}: ${detail}\n`)
    if (values.record === true && cases.every(({ passed }) => passed)) await record(sdk, stage)
  }
  await report(tries)
})

interface Try {
  sdk: string
  dialect: string
  cases: Outcomes
}

function unlessMissing(error: unknown): string {
  if (error instanceof MissingToolError) return error.message
  throw error
}

/** A table, and the same as JSON in a file. */
async function report(tries: readonly Try[]): Promise<void> {
  if (tries.length === 0) return
  await mkdir(new URL('../out/', import.meta.url), { recursive: true })
  await writeFile(new URL('../out/vendors.json', import.meta.url), JSON.stringify(tries, undefined, 2))
  const rows = tries.map(({ sdk, dialect, cases }) => {
    const named = (isPassed: boolean) =>
      cases.flatMap(({ name, passed }) => (passed === isPassed ? [name] : [])).join(', ')
    return `| ${sdk} | ${dialect} | ${named(true)} | ${named(false)} |\n`
  })
  process.stdout.write(`| SDK | dialect | passed | failed |\n| --- | --- | --- | --- |\n${rows.join('')}`)
  const failures = tries.flatMap(({ cases }) => cases).filter(({ passed }) => !passed).length
  if (failures > 0) throw new Error(`${failures} cases fail.`)
}

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
  const missing = always.filter((name) => done.every((each) => each.name !== name))
  return [
    ...done.map((each) => (each.passed ? compared(each, sdk, stage) : each)),
    ...missing.map((name) => ({ name, passed: false, detail: 'was not tried' })),
    ...(code === 0 ? [] : [{ name: 'program', passed: false, detail: `ended with ${code}` }]),
  ]
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

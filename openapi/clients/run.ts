import { hash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startTrialGateway } from './gateway.ts'
import type { TrialGateway } from './gateway.ts'
import { buildPythonClient, installPythonClient, runReadme } from './python/package.ts'
import { MissingToolError, must, run } from './tool.ts'

/**
 * `npm run clients`: makes the clients of the API in TypeScript, Python, Go and Java from openapi.json, builds each and
 * tries it against a running gateway. Languages as arguments choose; a language whose tools the machine lacks, or cannot
 * fetch, is skipped and named. Ends with 1 when a client does not work.
 */
const here = fileURLToPath(new URL('.', import.meta.url))
const out = join(here, 'out')
const document = fileURLToPath(new URL('../openapi.json', import.meta.url))
const generatorVersion = '7.24.0'
const generator = join(out, `openapi-generator-cli-${generatorVersion}.jar`)

type Environment = Record<string, string>

const languages: Record<string, (env: Environment) => Promise<void>> = {
  async typescript(env) {
    const cwd = join(here, 'typescript')
    await must('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
      cwd,
    })
    await must('npm', ['run', '--silent', 'generate'], { cwd, quiet: true })
    await writeFile(join(cwd, 'schema.sha256'), `${hash('sha256', await readFile(document))}\n`)
    await must('npm', ['run', '--silent', 'build'], { cwd })
    await must('node', ['smoke.mjs'], { cwd, env })
  },
  async python(env) {
    const built = await buildPythonClient()
    const programs = await installPythonClient(built)
    const clip = await fetch(env['UNDERSTUDY_CLIP_URL'] ?? '')
    const examples = await runReadme(programs, env, Buffer.from(await clip.arrayBuffer()))
    process.stdout.write(
      `Python: ${examples} examples of the READMEs are fine\n${built.sdist}\n${built.wheel}\n`,
    )
  },
  async go(env) {
    const cwd = await generate('go')
    await reach('the Go module proxy', 'go', ['mod', 'download'], cwd)
    await must('go', ['build', '.'], { cwd })
    await mkdir(join(cwd, 'smoke'), { recursive: true })
    await cp(join(here, 'go/smoke.go'), join(cwd, 'smoke/main.go'))
    await must('go', ['run', './smoke'], { cwd, env })
  },
  async java(env) {
    const cwd = await generate('java')
    const quiet = ['--quiet', '--batch-mode']
    await must('mvn', [...quiet, 'compile'], { cwd })
    await must('mvn', [...quiet, 'dependency:copy-dependencies', '-DincludeScope=runtime'], { cwd })
    await must('java', ['-cp', 'target/classes:target/dependency/*', join(here, 'java/Smoke.java')], {
      cwd,
      env,
    })
  },
}

/** What a client may call, without what it is told instead. */
function callsOf(text: string): object {
  const { webhooks: _told, ...calls } = z.looseObject({}).parse(JSON.parse(text))
  return calls
}

/** One language's client in its own folder, by openapi-generator with that language's configuration. */
async function generate(language: string): Promise<string> {
  await fetchGenerator()
  const folder = join(out, language)
  await rm(folder, { recursive: true, force: true })
  const config = join(here, language, 'config.yaml')
  const calls = join(out, 'calls.json')
  await writeFile(calls, JSON.stringify(callsOf(await readFile(document, 'utf8'))))
  const args = [
    'generate',
    '-i',
    calls,
    '-c',
    config,
    '-o',
    folder,
    '--global-property',
    'skipFormModel=false',
  ]
  await must('java', ['-jar', generator, ...args], { quiet: true })
  return folder
}

async function fetchGenerator(): Promise<void> {
  const artifact = `org.openapitools:openapi-generator-cli:${generatorVersion}`
  const args = [
    '--quiet',
    '--batch-mode',
    'dependency:copy',
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${out}`,
  ]
  await mkdir(out, { recursive: true })
  await reach('Maven Central', 'mvn', args, out)
}

/** A step that fails where a registry cannot be reached, which says nothing about the client. */
async function reach(what: string, command: string, args: string[], cwd: string): Promise<void> {
  const code = await run(command, args, { cwd })
  if (code === null) throw new MissingToolError(`${command} is not installed`)
  if (code !== 0) throw new MissingToolError(`${what} cannot be reached`)
}

async function attempt(language: string, gateway: TrialGateway): Promise<'ran' | 'skipped' | 'failed'> {
  try {
    await languages[language]?.({
      UNDERSTUDY_URL: gateway.address,
      UNDERSTUDY_API_KEY: gateway.key,
      UNDERSTUDY_CLIP_URL: gateway.clipUrl,
    })
    return 'ran'
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${language}: ${message}\n`)
    return error instanceof MissingToolError ? 'skipped' : 'failed'
  }
}

const asked = process.argv.slice(2)
const unknown = asked.find((language) => !(language in languages))
if (unknown !== undefined) throw new Error(`${unknown} is not one of ${Object.keys(languages).join(', ')}`)
await using gateway = await startTrialGateway()
const results: string[] = []
for (const language of asked.length > 0 ? asked : Object.keys(languages)) {
  const result = await attempt(language, gateway)
  results.push(`${language} ${result}`)
  if (result === 'failed') process.exitCode = 1
}
process.stdout.write(`${results.join(', ')}\n`)

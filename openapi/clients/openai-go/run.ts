import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { environmentFolder, runTrial } from '../environment.ts'
import { startTrialGateway } from '../gateway.ts'
import { MissingToolError, must, run } from '../tool.ts'

/**
 * `npm run try:openai-go [-- --version v3.98.0]`: the `openai-go` module against a running gateway, the newest one when none is
 * named. Says so and ends with 0 where there is no Go or its module proxy cannot be reached.
 */
const { values } = parseArgs({ options: { version: { type: 'string', default: 'latest' } } })
const module = 'github.com/openai/openai-go/v3'

await runTrial(async () => {
  const { version } = values
  const cwd = await environmentFolder(`openai-go-${version}`)
  if ((await run('go', ['version'], { cwd })) === null) throw new MissingToolError('Go is not installed')
  await run('go', ['mod', 'init', 'trial'], { cwd, quiet: true })
  await copyFile(new URL('smoke.go', import.meta.url), join(cwd, 'main.go'))
  if ((await run('go', ['get', `${module}@${version}`], { cwd })) !== 0)
    throw new MissingToolError(`the Go module proxy cannot be reached, or does not have ${version}`)
  await must('go', ['build', '-o', 'trial', '.'], { cwd })
  await using gateway = await startTrialGateway()
  await must(join(cwd, 'trial'), [], {
    cwd,
    env: {
      OPENAI_BASE_URL: `${gateway.address}/v1`,
      OPENAI_API_KEY: gateway.key,
      UNDERSTUDY_CLIP_URL: gateway.clipUrl,
    },
  })
})

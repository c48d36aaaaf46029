import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nodeEnvironment, runTrial } from '../environment.ts'
import { startTrialGateway } from '../gateway.ts'
import { must } from '../tool.ts'

/**
 * `npm run try:openai-node [-- --version 6.3.0]`: the `openai` package of npm, the newest one when none is named, against a
 * running gateway. Says so and ends with 0 where npm's registry cannot be reached.
 */
const { values } = parseArgs({ options: { version: { type: 'string', default: 'latest' } } })

await runTrial(async () => {
  const { version } = values
  const folder = await nodeEnvironment(`openai-node-${version}`, `openai@${version}`)
  const script = join(folder, 'smoke.mjs')
  await copyFile(new URL('smoke.mjs', import.meta.url), script)
  await using gateway = await startTrialGateway()
  await must(process.execPath, [script], {
    cwd: folder,
    env: {
      OPENAI_BASE_URL: `${gateway.address}/v1`,
      OPENAI_API_KEY: gateway.key,
      UNDERSTUDY_CLIP_URL: gateway.clipUrl,
    },
  })
})

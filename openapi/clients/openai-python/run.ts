import { parseArgs } from 'node:util'
import { pythonEnvironment, runTrial } from '../environment.ts'
import { startTrialGateway } from '../gateway.ts'
import { must } from '../tool.ts'

/**
 * `npm run try:openai-python [-- --version 2.3.0]`: the `openai` package of PyPI, the newest one when none is named, against a
 * running gateway, over all upstreams, over the reverse one alone and over the official one alone. Says so and ends with 0 where
 * there is no Python or no PyPI.
 */
const { values } = parseArgs({ options: { version: { type: 'string' } } })

await runTrial(async () => {
  const { version } = values
  const programs = await pythonEnvironment(
    `openai-python-${version ?? 'newest'}`,
    version === undefined ? 'openai' : `openai==${version}`,
  )
  await using gateway = await startTrialGateway()
  const env = {
    OPENAI_BASE_URL: `${gateway.address}/v1`,
    OPENAI_API_KEY: gateway.key,
    UNDERSTUDY_CLIP_URL: gateway.clipUrl,
  }
  const script = new URL('smoke.py', import.meta.url).pathname
  for (const upstreams of ['', 'sim-reverse', 'sim-official']) {
    process.stdout.write(`upstreams: ${upstreams === '' ? 'all' : upstreams}\n`)
    await must(`${programs}/python`, [script], { env: { ...env, UNDERSTUDY_UPSTREAMS: upstreams } })
  }
})

import { parseArgs } from 'node:util'
import { pythonEnvironment, runTrial } from '../environment.ts'
import { startTrialGateway } from '../gateway.ts'
import { must } from '../tool.ts'

/**
 * `npm run try:litellm-sdk [-- --version <version>]`: LiteLLM as a library (`litellm.video_generation` and its kin) against a
 * running gateway. Says so and ends with 0 where there is no Python or no PyPI.
 */
const { values } = parseArgs({ options: { version: { type: 'string' } } })

await runTrial(async () => {
  const { version } = values
  const programs = await pythonEnvironment(
    `litellm-sdk-${version ?? 'newest'}`,
    version === undefined ? 'litellm' : `litellm==${version}`,
  )
  await using gateway = await startTrialGateway()
  await must(`${programs}/python`, [new URL('smoke.py', import.meta.url).pathname], {
    env: {
      OPENAI_API_BASE: `${gateway.address}/v1`,
      OPENAI_API_KEY: gateway.key,
      UNDERSTUDY_CLIP_URL: gateway.clipUrl,
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    },
  })
})

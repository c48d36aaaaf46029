import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTrialGateway } from '../gateway.ts'
import { run } from '../tool.ts'

/**
 * `npm run try:openai-python`: the newest `openai` package of PyPI against a running gateway, over all upstreams, over the
 * reverse one alone and over the official one alone. Says so and ends with 0 where there is no Python or no PyPI.
 */
const directory = await mkdtemp(join(tmpdir(), 'understudy-python-'))
try {
  process.exitCode = await main(join(directory, 'venv'))
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function main(venv: string): Promise<number> {
  if ((await run('python3', ['-m', 'venv', venv])) !== 0) return skipped('python3 with venv is not installed')
  const installed = await run(join(venv, 'bin/pip'), ['install', '--quiet', '--upgrade', 'openai'])
  if (installed !== 0) return skipped('PyPI cannot be reached')
  await using gateway = await startTrialGateway()
  const env = {
    OPENAI_BASE_URL: `${gateway.address}/v1`,
    OPENAI_API_KEY: gateway.key,
    UNDERSTUDY_CLIP_URL: gateway.clipUrl,
  }
  const script = new URL('smoke.py', import.meta.url).pathname
  for (const upstreams of ['', 'sim-reverse', 'sim-official']) {
    process.stdout.write(`upstreams: ${upstreams === '' ? 'all' : upstreams}\n`)
    const code = await run(join(venv, 'bin/python'), [script], {
      env: { ...env, UNDERSTUDY_UPSTREAMS: upstreams },
    })
    if (code !== 0) return 1
  }
  return 0
}

function skipped(why: string): number {
  process.stderr.write(`skipped: ${why}\n`)
  return 0
}

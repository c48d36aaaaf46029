import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTrialGateway } from '../gateway.ts'
import { run } from '../tool.ts'

/**
 * `npm run try:schemathesis [cases per operation] [seed]`: Schemathesis of PyPI makes requests from openapi.json, good and bad
 * ones, and looks for a 5xx and for answers that the document does not have. Says so and ends with 0 where there is no
 * Python or no PyPI.
 */
const version = '4.32.5'
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]

const [cases = '60', seed = '1'] = process.argv.slice(2)
const directory = await mkdtemp(join(tmpdir(), 'understudy-schemathesis-'))
try {
  process.exitCode = await main(join(directory, 'venv'))
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function main(venv: string): Promise<number> {
  if ((await run('python3', ['-m', 'venv', venv])) !== 0) return skipped('python3 with venv is not installed')
  const installed = await run(join(venv, 'bin/pip'), ['install', '--quiet', `schemathesis==${version}`])
  if (installed !== 0) return skipped('PyPI cannot be reached')
  await using gateway = await startTrialGateway()
  const hooks = new URL('hooks.py', import.meta.url).pathname
  const document = new URL('../../openapi.json', import.meta.url).pathname
  const options = {
    '--url': gateway.address,
    '--header': `Authorization: Bearer ${gateway.key}`,
    '--checks': checks.join(','),
    '--phases': 'examples,coverage,fuzzing,stateful',
    '--max-examples': cases,
    '--seed': seed,
    '--workers': '2',
    '--request-timeout': '30',
    '--warnings': 'off',
  }
  const config = new URL('schemathesis.toml', import.meta.url).pathname
  const args = [
    '--config-file',
    config,
    'run',
    document,
    ...Object.entries(options).flat(),
    '--continue-on-failure',
    '--no-color',
  ]
  const code = await run(join(venv, 'bin/schemathesis'), args, {
    env: { SCHEMATHESIS_HOOKS: hooks, UNDERSTUDY_CLIP_URL: gateway.clipUrl },
    timeoutMs: 3600_000,
    cwd: directory,
  })
  return code ?? 1
}

function skipped(why: string): number {
  process.stderr.write(`skipped: ${why}\n`)
  return 0
}

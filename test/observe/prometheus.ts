import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { textOf } from '../docs/files.ts'
import { rulesOf } from './rules.ts'
import type { Rules } from './rules.ts'

const startMs = 60_000

const Alerts = z.looseObject({
  data: z.looseObject({
    alerts: z.array(
      z.looseObject({
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
        state: z.enum(['pending', 'firing']),
      }),
    ),
  }),
})
const Targets = z.looseObject({
  data: z.looseObject({
    activeTargets: z.array(z.looseObject({ health: z.string(), lastError: z.string() })),
  }),
})

export type ActiveAlert = z.infer<typeof Alerts>['data']['alerts'][number]

export interface Prometheus {
  alerts(): Promise<ActiveAlert[]>
  /** The health of the one target. */
  target(): Promise<{ health: string; lastError: string }>
}

/**
 * The rules as they are, except that every `for` is two seconds. The expressions are the same: what counts as trouble, and the
 * windows, are those of the file.
 */
export function sooner({ groups }: Rules): Rules {
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => ('alert' in rule ? { ...rule, for: '2s' } : rule)),
    })),
  }
}

/** `prometheus.yml` as it is, except for where the gateway and the key are, and that it reads every three seconds and evaluates
 * every second. */
function configOf(target: string): string {
  const text = textOf('deploy/observe/prometheus.yml')
    .replace('scrape_interval: 15s', 'scrape_interval: 3s')
    .replace('evaluation_interval: 15s', 'evaluation_interval: 1s')
    .replace("repository: ''", 'repository: https://git.example.com/understudy/')
    .replace('/run/secrets/observe_key', 'key')
    .replace('understudy:8787', target)
  return stringify(parse(text))
}

/** Starts the Prometheus of the machine on a free port, with a folder of its own that the end of the test removes. */
export async function startPrometheus(
  t: Test,
  { target, key }: { target: string; key: string },
): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-prometheus-'))
  await mkdir(join(directory, 'data'))
  await writeFile(join(directory, 'key'), key)
  await writeFile(join(directory, 'prometheus.yml'), configOf(target))
  await writeFile(
    join(directory, 'rules.yml'),
    stringify(sooner(rulesOf(textOf('deploy/observe/rules.yml')))),
  )
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  t.teardown(async () => {
    if (child.exitCode === null) {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
    await rm(directory, { recursive: true, force: true })
  })
  const address = await addressOf(createInterface({ input: child.stderr }))
  const read = async (path: string): Promise<unknown> =>
    (await fetch(`http://${address}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) })).json()
  return {
    async alerts() {
      return Alerts.parse(await read('alerts')).data.alerts
    },
    async target() {
      const [found] = Targets.parse(await read('targets')).data.activeTargets
      return found ?? { health: 'unknown', lastError: '' }
    },
  }
}

async function addressOf(lines: AsyncIterable<string> & NodeJS.EventEmitter): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let address = ''
  const last: string[] = []
  lines.on('line', (line: string) => {
    last.push(line)
    address = /"?Listening on"? address=(\S+)/.exec(line)?.[1] ?? address
    if (line.includes('Server is ready')) resolve(address)
  })
  const late = pause(startMs, null, { ref: false }).then(() => {
    throw new Error(`Prometheus was not ready within ${startMs} ms:\n${last.slice(-5).join('\n')}`)
  })
  return Promise.race([promise, late])
}

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { root, textOf } from '../docs/files.ts'
import { anchorsOf } from '../docs/markdown.ts'
import { startProcess } from '../e2e/gateway-process.ts'
import { configText, keys, official, reverse } from '../e2e/gateway.ts'
import { skipWithout } from './programs.ts'
import { sooner, startPrometheus } from './prometheus.ts'
import type { ActiveAlert, Prometheus } from './prometheus.ts'
import { rulesOf } from './rules.ts'

const skip = skipWithout('prometheus')
const run = promisify(execFile)
const cli = join(root, 'src/cli/main.ts')
const waitMs = 60_000
const runbook = 'https://git.example.com/understudy/docs/OPERATIONS.md#'

/** Its account will be blocked. */
const vendor = { ...official, id: 'vendor' }
/** It will time out after it accepted; it does not list its jobs. */
const reseller = { ...reverse, durations: [4, 8] }
const spare = { ...official, id: 'spare', price: { perSecondUsd: { default: 0.3 } } }
const upstreams = [vendor, reseller, spare]

/** A real gateway, as a process, in front of the simulator, and the Prometheus of the machine in front of the gateway. */
async function start(t: Test) {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-incident-'))
  const simulator = await startSimulator({ upstreams })
  const file = join(directory, 'understudy.yaml')
  const config = configText(simulator, upstreams, directory, {
    patient: true,
    settings: { reseller: { timeouts: { connect_seconds: 30, create_seconds: 2 } } },
    keys: { bank: { scopes: ['observe'] }, other: { scopes: ['operate'] } },
  })
  await writeFile(file, `${config}metrics:\n  enabled: true\n`)
  const { child, address } = await startProcess(file)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  const prometheus = await startPrometheus(t, { target: new URL(address).host, key: keys.bank })

  async function call(key: string, method: string, path: string, body?: object): Promise<any> {
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }
  const env = { UNDERSTUDY_URL: address, UNDERSTUDY_API_KEY: keys.other }
  return {
    control: simulator.control,
    /** Runs a command line as an operator; returns its output. */
    command: async (line: string): Promise<string> => {
      const [, ...args] = [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word)
      return until(line, async () => {
        try {
          return (await run(process.execPath, [cli, ...args], { env, timeout: waitMs })).stdout
        } catch (error) {
          // 4: it was not sent, since no connection was made; on a busy machine that may take too long.
          if (error instanceof Error && 'code' in error && error.code === 4) return null
          throw error
        }
      })
    },
    prometheus,
    generate: async (on: string[]): Promise<string> => {
      const request = { prompt: 'a paper boat', duration: 4, routing: { upstreams: on } }
      return (await call(keys.studio, 'POST', '/generate', request)).id
    },
    ended: (id: string) => call(keys.studio, 'GET', `/generations/${id}?wait=50`),
  }
}

async function until<Found>(what: string, find: () => Promise<Found | null>): Promise<Found> {
  for (const end = Date.now() + waitMs; Date.now() < end; await pause(200)) {
    const found = await find()
    if (found !== null) return found
  }
  throw new Error(`not within ${waitMs} ms: ${what}`)
}

/** Waits until the alert fires for the upstream; it has to be pending first. */
async function fires(prometheus: Prometheus, name: string, upstream: string): Promise<ActiveAlert> {
  let wasPending = false
  return until(`${name} fires`, async () => {
    const alert = await active(prometheus, name, upstream)
    wasPending ||= alert?.state === 'pending'
    return alert?.state === 'firing' && wasPending ? alert : null
  })
}

async function active(
  prometheus: Prometheus,
  name: string,
  upstream: string,
): Promise<ActiveAlert | undefined> {
  const alerts = await prometheus.alerts()
  return alerts.find(({ labels }) => labels['alertname'] === name && labels['upstream'] === upstream)
}

const ends = (prometheus: Prometheus, name: string, upstream: string) =>
  until(`${name} ends`, async () => ((await active(prometheus, name, upstream)) === undefined ? true : null))

/** The text of the section that the alert leads to. */
function procedureOf({ annotations }: ActiveAlert): string {
  const anchor = annotations['runbook_url']?.slice(runbook.length) ?? ''
  const sections = textOf('docs/OPERATIONS.md').split(/^(?=#{2,3} )/m)
  const section = sections.find((text) => anchorsOf(text.split('\n', 1)[0] ?? '').has(anchor))
  if (section === undefined) throw new Error(`no section ${anchor}`)
  return section
}

/** A command of a procedure, as it is written there, with these values. */
function stepOf(procedure: string, command: string, values: Record<string, string> = {}): string {
  if (!procedure.includes(`\`${command}\``)) throw new Error(`the procedure does not say: ${command}`)
  let line = command
  for (const [name, value] of Object.entries(values)) line = line.replace(name, value)
  return line
}

t.test('the rules of this test are those of the file, except that they wait two seconds', (t) => {
  const rules = rulesOf(textOf('deploy/observe/rules.yml'))
  const without = (all: typeof rules) =>
    all.groups.map((group) => group.rules.map((rule) => ({ ...rule, for: '' })))
  t.same(without(sooner(rules)), without(rules))
  t.end()
})

t.test(
  'a blocked account and lost answers raise their alerts, and the procedures that these name end them: nothing is lost or paid twice',
  { skip },
  async (t) => {
    const { control, prometheus, command, generate, ended } = await start(t)
    await until('the gateway is read', async () =>
      (await prometheus.target()).health === 'up' ? true : null,
    )
    const ofUpstreams = (await prometheus.alerts()).filter(({ labels }) => 'upstream' in labels)
    t.same(ofUpstreams, [], 'quiet before')

    control.setFaults('vendor', [{ kind: 'billing' }])
    control.setFaults('reseller', [{ kind: 'hang', accepted: true, times: 3 }])
    const fallenBack = await generate(['vendor', 'spare'])
    const lost = [await generate(['reseller']), await generate(['reseller']), await generate(['reseller'])]
    const [blocked, growing] = await Promise.all([
      fires(prometheus, 'UnderstudyAccountTrouble', 'vendor'),
      fires(prometheus, 'UnderstudyAttemptsUnknownGrowing', 'reseller'),
    ])
    t.match(blocked.annotations['summary'], /^vendor refuses the account: /)
    t.match(growing.annotations['summary'], /^3 more creates to reseller /)
    t.equal(blocked.annotations['runbook_url'], `${runbook}an-upstream-blocked-the-account`)
    t.equal(growing.annotations['runbook_url'], `${runbook}attempts-with-unknown-outcome`)

    // Each step is a command of the procedure that the alert names, as it is written there.
    const ofBlocked = procedureOf(blocked)
    await command(
      stepOf(ofBlocked, "understudy pause UPSTREAM --reason 'The account is blocked'", {
        UPSTREAM: 'vendor',
      }),
    )
    const waiting = await generate(['vendor'])
    control.setFaults('vendor', [])
    t.match(await command(stepOf(ofBlocked, 'understudy probe UPSTREAM', { UPSTREAM: 'vendor' })), /ok/)
    await command(stepOf(ofBlocked, 'understudy resume UPSTREAM', { UPSTREAM: 'vendor' }))
    t.equal((await ended(waiting)).status, 'completed', 'what waited is sent after the release')
    await ends(prometheus, 'UnderstudyAccountTrouble', 'vendor')

    const ofUnknown = procedureOf(growing)
    t.ok(ofUnknown.includes('pause it'))
    await command("understudy pause reseller --reason 'It loses answers'")
    const found: any = JSON.parse(await command(`${stepOf(ofUnknown, 'understudy list --attention')} --json`))
    t.same(
      found.map(({ id }: { id: string }) => id).toSorted(),
      lost.toSorted(),
      'what needs a person is found',
    )
    const jobs = control.renders().filter(({ upstream }) => upstream === 'reseller')
    for (const [at, { attempts }] of found.entries()) {
      const values = { ATTEMPT: attempts[0].id, JOB: jobs[at]?.id ?? '', '…': 'Their dashboard shows it' }
      await command(stepOf(ofUnknown, 'understudy resolve ATTEMPT --look', values))
      await command(stepOf(ofUnknown, "understudy resolve ATTEMPT --taken JOB --note '…'", values))
    }
    t.same(JSON.parse(await command('understudy list --attention --json')), [], 'nobody is needed any more')
    await command('understudy resume reseller')
    await ends(prometheus, 'UnderstudyAttemptsUnknownGrowing', 'reseller')

    for (const id of [fallenBack, ...lost, waiting]) t.equal((await ended(id)).status, 'completed')
    t.equal(control.renders().length, 5, 'five videos, each made once')
  },
)

import { parseArgs } from 'node:util'
import { freePort } from '../../../test/fixtures/free-port.ts'
import { pythonEnvironment, runTrial } from '../environment.ts'
import { must } from '../tool.ts'
import { behindTheGateway, inFront, withItsFallback } from './cases.ts'
import type { RelayCase } from './cases.ts'
import { startLitellm } from './litellm-proxy.ts'
import type { LitellmProxy } from './litellm-proxy.ts'
import { startLosingHop } from './losing-hop.ts'
import { observe, violationsOf } from './observe.ts'
import type { Observation } from './observe.ts'
import { orderFromGateway, orderFromLitellm } from './orders.ts'
import type { Ended } from './orders.ts'
import { gatewayKey, startStage } from './stage.ts'
import type { Stage } from './stage.ts'

/**
 * `npm run try:relays [-- --version <version of LiteLLM>]`: the proxy of LiteLLM from PyPI, with its default settings, as an
 * upstream of the gateway and in front of it, over a simulated vendor with faults. One render for each order, and the
 * gateway's ledger is the vendor's bill; ends with 1 otherwise. Says so and ends with 0 where there is no Python or no PyPI.
 */
const { values } = parseArgs({ options: { version: { type: 'string' } } })
const proxyKey = 'sk-trial-0123456789'
let orders = 0

await runTrial(async () => {
  const pinned = values.version === undefined ? '' : `==${values.version}`
  const programs = await pythonEnvironment(
    `litellm-proxy-${values.version ?? 'newest'}`,
    `litellm[proxy]${pinned}`,
  )
  const versions =
    "import importlib.metadata as m, platform; print('Python', platform.python_version(), 'litellm', m.version('litellm'))"
  await must(`${programs}/python`, ['-c', versions])
  process.stdout.write('new-api: not run; its source is not to be had from the Go module proxy (403)\n')
  const port = await freePort()
  await using stage = await startStage({ port, key: proxyKey })
  const failures = [
    ...(await tryWithDefaults(programs, port, stage)),
    ...(await tryWithFallback(programs, port, stage)),
  ]
  if (failures.length > 0) throw new Error(failures.join('\n'))
})

async function tryWithDefaults(programs: string, port: number, stage: Stage): Promise<string[]> {
  await using hop = await startLosingHop(Number(new URL(stage.gateway).port))
  const gateway = { apiKey: gatewayKey, model: 'direct' }
  await using proxy = await startLitellm(programs, port, [
    { name: 'sora-2', ...stage.vendor },
    { name: 'impatient', ...stage.vendor, timeout: 2 },
    { name: 'dead', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'none' },
    { name: 'gateway', baseUrl: `${stage.gateway}/v1`, ...gateway },
    { name: 'losing', baseUrl: `${hop.address}/v1`, ...gateway },
  ])
  const failures: string[] = []
  title('The gateway in front of LiteLLM, which keeps its default settings (timeout: 2 where it says so)')
  for (const each of behindTheGateway)
    failures.push(...(await tryCase(stage, each, (prompt) => orderFromGateway(stage, each.model, prompt))))
  title('For comparison, without the profile `litellm`: LiteLLM repeats the create by itself')
  await compare(
    stage,
    '500 accepted',
    (prompt) => orderFromGateway(stage, 'unprepared', prompt),
    () => stage.simulator.control.setFaults('vendor', [{ kind: 'server_error', accepted: true, times: 1 }]),
  )
  title('LiteLLM in front of the gateway')
  for (const each of inFront)
    failures.push(...(await tryCase(stage, each, (prompt) => orderFromLitellm(proxy, each.model, prompt))))
  failures.push(...(await tryLostAnswer(stage, proxy, () => hop.loseNext())))
  return failures
}

/** The answer to a create is lost between LiteLLM and the gateway: LiteLLM sends it again, and says nothing of it. */
async function tryLostAnswer(stage: Stage, proxy: LitellmProxy, loseNext: () => void): Promise<string[]> {
  const wanted: RelayCase = {
    name: 'lost answer, Idempotency-Key',
    model: 'losing',
    faults: [],
    status: 'completed',
    renders: ['vendor'],
  }
  const keyed = { extra_headers: { 'Idempotency-Key': `relay-trial-${process.pid}` } }
  const failures = await tryCase(stage, wanted, (prompt) => {
    loseNext()
    return orderFromLitellm(proxy, wanted.model, prompt, keyed)
  })
  title('For comparison, without an Idempotency-Key: the repeated create is another order')
  await compare(stage, 'lost answer', (prompt) => orderFromLitellm(proxy, wanted.model, prompt), loseNext)
  return failures
}

async function tryWithFallback(programs: string, port: number, stage: Stage): Promise<string[]> {
  await using opened = new AsyncDisposableStack()
  const proxy = await startLitellm(
    programs,
    port,
    [
      { name: 'falls', ...stage.vendor },
      { name: 'dead', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'none' },
    ],
    { routerSettings: { fallbacks: [{ falls: ['dead'] }] } },
  )
  opened.use(proxy)
  const failures: string[] = []
  title('The gateway in front of LiteLLM, which has a fallback of its own')
  for (const each of withItsFallback)
    failures.push(...(await tryCase(stage, each, (prompt) => orderFromGateway(stage, each.model, prompt))))
  return failures
}

async function tryCase(
  stage: Stage,
  wanted: RelayCase,
  order: (prompt: string) => Promise<Ended>,
): Promise<string[]> {
  const seen = await tryOrder(stage, wanted, order)
  const violations = violationsOf(wanted, seen)
  print(wanted.name, seen, violations.length === 0 ? 'ok' : violations.join('; '))
  return violations.map((each) => `${wanted.name}: ${each}`)
}

async function compare(
  stage: Stage,
  name: string,
  order: (prompt: string) => Promise<Ended>,
  prepare: () => void,
): Promise<void> {
  const seen = await tryOrder(stage, { faults: [] }, (prompt) => {
    prepare()
    return order(prompt)
  })
  print(name, seen, '')
}

async function tryOrder(
  stage: Stage,
  { faults }: Pick<RelayCase, 'faults'>,
  order: (prompt: string) => Promise<Ended>,
): Promise<Observation> {
  orders += 1
  stage.simulator.control.reset()
  stage.simulator.control.setFaults('vendor', faults)
  const prompt = `paper boat ${orders} in rain`
  return observe(stage, prompt, await order(prompt))
}

function title(text: string): void {
  process.stdout.write(`\n${text}\n  ${'case'.padEnd(40)} renders  ledger   bill     ended\n`)
}

function print(name: string, seen: Observation, verdict: string): void {
  const columns = [
    name.padEnd(40),
    String(seen.renders.length).padEnd(8),
    `$${seen.ledgerUsd.toFixed(2)}`.padEnd(8),
    `$${seen.billUsd.toFixed(2)}`.padEnd(8),
    `${seen.status}${seen.code === null ? '' : ` (${seen.code})`}`,
    verdict,
  ]
  process.stdout.write(`  ${columns.join(' ')}\n`)
}

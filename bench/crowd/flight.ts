import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '../figures.ts'
import { cpuMicrosOf, residentMegabytes } from '../serving/cores.ts'
import { dueAtOf, fillInFlight, jobOf, spreadPolls } from './fill.ts'
import { startGateway } from './gateway.ts'
import type { Crowd } from './gateway.ts'
import type { Vendor } from './vendor.ts'

export interface Flight {
  inFlight: number
  pollsPerSecond: number
  /** From the instant at which a poll is due to its request at the vendor, in ms. */
  lagP50: number
  lagP99: number
  /** CPU time of the gateway for each poll, in microseconds: claim, request, decision and commit. */
  cpuMicros: number
  /** Memory when it was ready, after the polls, and at most. */
  megabytes: { ready: number; after: number; most: number }
}

export interface Restart {
  /** From the kill to the first 200 of `GET /health/ready`, in ms. */
  readyMs: number
  /** From the kill until no lease of the killed process was left, in ms. */
  ownedMs: number
  /** From the kill to the first poll. */
  polledMs: number
}

/** What is polled while the gateway starts is not measured. */
const settleMs = 3000
const longestMs = 60_000

/** Measures polls of `count` jobs for `seconds`, then kills the gateway and starts it again. */
export async function measureFlight(
  crowd: Crowd,
  vendor: Vendor,
  { count, seconds, kills }: { count: number; seconds: number; kills: number },
): Promise<{ flight: Flight; restarts: Restart[] }> {
  const file = `${crowd.directory}/understudy.db`
  await fillInFlight(file, count, crowd.upstreams)
  // As many polls as fit the budget of the upstreams, if that is enough to ask about each job in time.
  const everyMs = Math.max(crowd.everyMs, (count * 1000) / (crowd.upstreams * crowd.pollsPerSecond))
  const polls = { from: Date.now() + settleMs, everyMs, count }
  spreadPolls(file, polls)
  let gateway = await startGateway({ ...crowd, everyMs })
  const ready = residentMegabytes(gateway.pid)
  await pause(Math.max(0, polls.from - Date.now()))
  vendor.forget()
  const beganAt = Date.now()
  const cpuBefore = cpuMicrosOf(gateway.pid)
  let most = ready
  const endsAt = Date.now() + seconds * 1000
  while (Date.now() < endsAt) {
    await pause(50)
    most = Math.max(most, residentMegabytes(gateway.pid))
  }
  const asked = vendor.polls()
  const cpuMicros = (cpuMicrosOf(gateway.pid) - cpuBefore) / asked
  const lags = lagsOf(vendor, polls, { beganAt, endsAt })
  const flight = {
    inFlight: count,
    pollsPerSecond: asked / seconds,
    lagP50: percentile(lags, 0.5),
    lagP99: percentile(lags, 0.99),
    cpuMicros,
    megabytes: { ready, after: residentMegabytes(gateway.pid), most },
  }
  const restarts: Restart[] = []
  try {
    for (let kill = 0; kill < kills; kill++) {
      const before = performance.now()
      vendor.forget()
      await gateway.kill()
      const killedAt = Date.now()
      gateway = await startGateway({ ...crowd, everyMs })
      const readyMs = performance.now() - before
      await until(() => leasesBefore(file, killedAt) === 0)
      const ownedMs = performance.now() - before
      await until(() => vendor.polls() > 0)
      restarts.push({ readyMs, ownedMs, polledMs: Math.min(...vendor.firstPolls.values()) - killedAt })
      await pause(1000)
    }
  } finally {
    await gateway.kill()
  }
  return { flight, restarts }
}

async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + longestMs
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error('the gateway does not take up what it left')
    await pause(5)
  }
}

/** Of each job that became due in this time; one that was not asked about yet counts as late as it is at its end. */
function lagsOf(
  vendor: Vendor,
  polls: Parameters<typeof dueAtOf>[1],
  { beganAt, endsAt }: { beganAt: number; endsAt: number },
): number[] {
  const lags: number[] = []
  for (let number = 1; number <= polls.count; number++) {
    const dueAt = dueAtOf(number, polls)
    if (dueAt < beganAt) continue
    if (dueAt > endsAt) break
    lags.push(Math.max(0, (vendor.firstPolls.get(jobOf(number)) ?? endsAt) - dueAt))
  }
  return lags
}

/** Leases of owners that began before an instant (ms since the epoch): the owner of a lease has the start of its process in its name. */
function leasesBefore(file: string, at: number): number {
  using raw = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  const rows = raw
    .prepare('select distinct lease_owner as owner from generations where lease_owner is not null')
    .all()
  return rows.filter(({ owner }) => Number(String(owner).split('-').at(-2)) < at).length
}

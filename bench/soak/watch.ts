import { readFileSync, readdirSync, statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { percentile } from '../figures.ts'
import { cpuMicrosOf } from '../serving/cores.ts'
import type { Crew } from './crew.ts'
import { untimed } from './mix.ts'
import type { Stage, Vendor } from './stage.ts'

export interface Sample {
  /** Since the load began. */
  second: number
  residentMb: number
  /** Of these, those that are no files. */
  anonymousMb: number
  heapMb: number
  externalMb: number
  /** Of the event loop, in the gateway and in this program, in ms. */
  lagP99: number
  ownLagP99: number
  descriptors: number
  databaseMb: number
  walMb: number
  cores: number
  open: number
  pendingDeliveries: number
  /** All until now. */
  requests: number
  faults: number
  creates: number
  told: number
  /** Of the timed requests that were answered since the last sample, in ms. */
  p50: number
  p99: number
}

const sampleMs = 10_000
const megabyte = 1024 * 1024

/** Takes a sample every ten seconds. `stop` returns after the last one. */
export function watch(
  { stage, vendor, crew }: { stage: Stage; vendor: Vendor; crew: Crew },
  seen: (sample: Sample) => void,
): { stop(): Promise<void> } {
  const from = performance.now()
  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  let before = { at: from, cpu: cpuMicrosOf(stage.gateway.pid), done: crew.log.done.length }
  let taking = Promise.resolve()

  async function take(): Promise<void> {
    const at = performance.now()
    const { pid } = stage.gateway
    const cpu = cpuMicrosOf(pid)
    const figures = await scrape(stage.metricsUrl)
    const { creates } = await vendor.report()
    const times = crew.log.done
      .slice(before.done)
      .filter(({ kind }) => !untimed.includes(kind))
      .map(({ ms }) => ms)
    seen({
      second: Math.round((at - from) / 1000),
      ...memoryOf(pid),
      heapMb: (figures.get('nodejs_heap_size_used_bytes') ?? 0) / megabyte,
      externalMb: (figures.get('nodejs_external_memory_bytes') ?? 0) / megabyte,
      lagP99: (figures.get('nodejs_eventloop_lag_p99_seconds') ?? 0) * 1000,
      ownLagP99: lag.percentile(99) / 1e6,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      databaseMb: sizeOf(`${stage.directory}/understudy.db`),
      walMb: sizeOf(`${stage.directory}/understudy.db-wal`),
      cores: (cpu - before.cpu) / ((at - before.at) * 1000),
      open:
        (figures.get('understudy_generations_open{state="queued"}') ?? 0) +
        (figures.get('understudy_generations_open{state="in_progress"}') ?? 0),
      pendingDeliveries: figures.get('understudy_webhook_deliveries_pending') ?? 0,
      requests: crew.log.done.length,
      faults: crew.log.faultCount,
      creates,
      told: crew.world.told.size,
      p50: times.length > 0 ? percentile(times, 0.5) : 0,
      p99: times.length > 0 ? percentile(times, 0.99) : 0,
    })
    lag.reset()
    before = { at, cpu, done: crew.log.done.length }
  }

  const timer = setInterval(() => {
    taking = taking.then(take).catch((error: unknown) => crew.log.fault(`sample: ${String(error)}`))
  }, sampleMs)
  return {
    async stop() {
      clearInterval(timer)
      await taking
      lag.disable()
    },
  }
}

/** By name and labels, as Prometheus writes them. */
export async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

function memoryOf(pid: number): { residentMb: number; anonymousMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return { residentMb: of('VmRSS'), anonymousMb: of('RssAnon') }
}

function sizeOf(file: string): number {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / megabyte
}

export function lineOf(sample: Sample): string {
  const { second, residentMb, heapMb, p50, p99, lagP99, ownLagP99, cores, descriptors, databaseMb, walMb } =
    sample
  return [
    `${String(second).padStart(4)} s`,
    `${residentMb.toFixed(0)} MB (heap ${heapMb.toFixed(0)})`,
    `p50 ${p50.toFixed(1)} p99 ${p99.toFixed(0)} ms`,
    `lag ${lagP99.toFixed(0)} (own ${ownLagP99.toFixed(0)}) ms`,
    `${cores.toFixed(2)} cores`,
    `${descriptors} descriptors`,
    `database ${databaseMb.toFixed(0)} + ${walMb.toFixed(0)} MB`,
    `${sample.open} open`,
    `${sample.requests} requests`,
    `${sample.faults} faults`,
  ].join('  ')
}

import { availableParallelism } from 'node:os'
import { callerRows, caseRows, findingRows, histories, list, row } from '../chaos/report.ts'
import { moreDescriptors } from './run.ts'
import { growthFaults, growthWords } from './growth.ts'
import type { Result } from './run.ts'
import { figuresOf, probes } from './samples.ts'
import type { Figures, Probe } from './samples.ts'

/** Limits for the probes in ms: the maximum for creates, the 99th percentile for the others. */
const limits: Record<Probe, { of: 'p99' | 'max'; ms: number }> = {
  health: { of: 'p99', ms: 250 },
  read: { of: 'p99', ms: 250 },
  create: { of: 'max', ms: 2000 },
}
/** A process that has been under load uses more memory than a new one: caches, compiled code, idle connections. */
const memoryLimit = { times: 1.5, moreMb: 128 }

/** Describes all violations. The limits of the probes grow with the time that the gateway waited for a processor. */
export function violationsOf(result: Result): string[] {
  const { crashes, finding, probed, memory } = result
  const found = [
    ...crashes.map((each) => `crash: ${each}`),
    ...finding.violations.map(({ kind, id, detail }) => `${kind}: ${id} ${detail}`),
    ...probed.wrong.map((each) => `healthy tenant: ${each}`),
  ]
  if (finding.ledger.differenceUsd !== 0) found.push(`ledger difference: ${finding.ledger.differenceUsd}`)
  for (const probe of probes) {
    const figures = figuresOf(result.samples, result.windows, probe)
    const { of } = limits[probe]
    const ms = Math.round(limits[probe].ms * result.slowdown)
    if (figures.count === 0) found.push(`${probe}: nothing was measured`)
    if (figures[of] >= ms)
      found.push(`${probe}: ${of} ${figures[of].toFixed(0)} ms, and ${ms} ms is the limit`)
    for (const [error, count] of figures.errors) found.push(`${probe}: ${count} times ${error}`)
  }
  const { before, after } = memory
  found.push(...growthFaults(result.growth))
  if (before !== null && after !== null) {
    if (result.growth === null && after.rssMb > before.rssMb * memoryLimit.times + memoryLimit.moreMb)
      found.push('memory grew')
    if (after.descriptors > before.descriptors + moreDescriptors + result.following)
      found.push('descriptors grew')
  }
  return found
}

export function reportOf(result: Result): string {
  const { stopsMs, memory, lagMs, crashes } = result
  const violations = violationsOf(result)
  const lines = [
    `seed ${result.seed}: ${result.seconds.toFixed(0)} s of load, ${result.drainSeconds.toFixed(0)} s until nothing was open`,
    row('done to the gateway', list(result.acts)),
    row('full disks', result.disksAreReal ? 'real, in memory' : 'not played: nothing can be mounted here'),
    row('connections to vendors, spoilt', list(result.weather)),
    row('faults set at vendors', list(result.faults)),
    row('strangers', list(result.strangers)),
    '',
    ...callerRows(result.load),
    '',
    ...caseRows(result),
    '',
    row('crashes', String(crashes.length)),
    row('stops', `${stopsMs.length}, the longest ${(Math.max(0, ...stopsMs) / 1000).toFixed(1)} s`),
    ...probes.map((probe) =>
      row(`probe: ${probe}`, wordsOf(figuresOf(result.samples, result.windows, probe))),
    ),
    row(
      '  the machine',
      `load ${result.loadAverage.toFixed(1)} on ${availableParallelism()} cores at the end`,
    ),
    row("  slower for the others' work", `${result.slowdown.toFixed(1)} times`),
    row('  the prober itself was late by', `p99 ${lagMs.p99.toFixed(0)} ms, max ${lagMs.max.toFixed(0)} ms`),
    row('healthy tenant', `${result.probed.accepted} accepted, ${result.probed.wrong.length} of them wrong`),
    row(
      'memory, before → after',
      `${memory.before?.rssMb.toFixed(0)} → ${memory.after?.rssMb.toFixed(0)} MB`,
    ),
    row('memory under load, last life', growthWords(result.growth)),
    row(
      'descriptors',
      `${memory.before?.descriptors} → ${memory.after?.descriptors}, of which ${result.following} streams of events that callers still follow`,
    ),
    '',
    ...findingRows(result.finding),
  ]
  if (violations.length > 0) {
    const again = `npm run test:faults -- --minutes ${result.minutes} --seed ${result.seed}`
    lines.push('', 'Wrong:', ...violations.map((each) => `  ${each}`))
    lines.push('', ...histories(result, again), '', 'What happened:', ...result.diary)
  }
  return lines.join('\n')
}

function wordsOf({ count, spared, p50, p99, max, errors }: Figures): string {
  const times = [p50, p99, max].map((ms) => `${ms.toFixed(0)} ms`)
  const odd = errors.size === 0 ? '' : `; ${list(errors)}`
  return `p50 ${times[0]}, p99 ${times[1]}, max ${times[2]} (${count}; ${spared} during a restart or a full disk)${odd}`
}

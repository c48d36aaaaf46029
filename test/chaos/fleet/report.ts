import { callerRows, caseRows, findingRows, histories, list, row } from '../report.ts'
import { isExceeded } from './limits.ts'
import { disturbanceKinds } from './plan.ts'
import { crashesOf, disturbancesOf, isClean } from './run.ts'
import type { Result } from './run.ts'

/** The table and, if there are violations, the history of every affected generation. */
export function reportOf(result: Result): string {
  const { seed, minutes, roles, media, seconds, drainSeconds, disturbed, ends, finding, limits } = result
  const lines = [
    `seed ${seed}, nodes ${roles.join(' + ')}, media in ${media}: ${seconds.toFixed(0)} s of load, ${drainSeconds.toFixed(0)} s until nothing was open`,
    row('disturbances', String(disturbancesOf(result))),
    ...disturbanceKinds(media).map((kind) => row(`  ${kind}`, String(disturbed.counts.get(kind) ?? 0))),
    row('  longer than a lease', String(disturbed.outlived())),
    row('ends of processes', list(ends)),
    row('killed at', list(disturbed.points)),
    row('faults set', list(result.faults)),
    '',
    ...callerRows(result.load),
    '',
    ...caseRows(result),
    '',
    ...limits.map((each) =>
      row(each.limit, `${each.most} of ${each.allowed}${isExceeded(each) ? '  EXCEEDED' : ''}`),
    ),
    row('node ended by itself', String(crashesOf(result))),
    ...findingRows(finding),
  ]
  if (!isClean(result)) {
    const again = `npm run chaos:fleet -- --minutes ${minutes} --seed ${seed} --roles ${roles.join(',')} --media ${media}`
    lines.push('', ...histories(result, again), '', 'What was done:', ...disturbed.schedule)
  }
  return lines.join('\n')
}

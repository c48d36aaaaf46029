import type { Case, Violation } from './case.ts'
import type { Finding } from './checker.ts'
import { calls, moments } from './points.ts'
import type { Load } from './load.ts'
import { isClean } from './run.ts'
import type { Result } from './run.ts'

const kinds: Violation['kind'][] = [
  'rendered twice',
  'lost',
  'stuck',
  'accepted twice',
  'history',
  'followers',
  'final state changed',
  'ledger',
  'usage report',
  'floor',
  'refusal',
  'reference',
  'video',
  'verdict',
  'deleted',
  'caller',
]

/** The table and, if there are violations, the history of every affected generation. */
export function reportOf(result: Result): string {
  const { finding, seconds, load } = result
  const lines = [
    `seed ${result.seed}: ${seconds.toFixed(0)} s of load, ${result.drainSeconds.toFixed(0)} s until nothing was open`,
    ...killRows(result),
    row('faults set', list(result.faults)),
    '',
    ...callerRows(load),
    '',
    ...caseRows(result),
    '',
    row('gateway ended by itself', String(result.crashes)),
    ...findingRows(finding),
  ]
  if (!isClean(result)) {
    const again = `npm run chaos -- --minutes ${result.minutes} --seed ${result.seed}`
    lines.push('', ...histories(result, again), '', 'The lives of the gateway:', ...result.schedule)
  }
  return lines.join('\n')
}

/** Violations by kind, and the money. */
export function findingRows({ violations, ledger }: Finding): string[] {
  return [
    ...kinds.map((kind) => row(kind, String(violations.filter((each) => each.kind === kind).length))),
    row(
      'billed / settled / reserved',
      `${usd(ledger.billedUsd)} / ${usd(ledger.settledUsd)} / ${usd(ledger.reservedUsd)}`,
    ),
    row('  of which deleted', `${usd(ledger.deletedUsd.settled)} / ${usd(ledger.deletedUsd.reserved)}`),
    row('ledger difference', usd(ledger.differenceUsd)),
  ]
}

function killRows({ kills, seconds }: Result): string[] {
  const all = kills.named + kills.random
  const points = Object.values(calls)
    .flat()
    .map((call) => [call, moments.map((moment) => kills.points.get(`${call}:${moment}`) ?? 0)] as const)
  return [
    row('kills', `${all} (${kills.named} at named points, ${kills.random} at random times)`),
    row('', `${(all / seconds).toFixed(2)} a second; ${kills.early} before it listened`),
    row('lives with a full disk, an odd clock', `${kills.diskFull}, ${kills.clock}`),
    row('kills at named points', moments.map((moment) => moment.padStart(7)).join('')),
    ...points.map(([call, counts]) =>
      row(`  ${call}`, counts.map((count) => String(count).padStart(7)).join('')),
    ),
  ]
}

export function callerRows({ asked, followed, deleted, characters, cancels, replays }: Load): string[] {
  const resumed = followed.reduce((sum, each) => sum + each.resumed, 0)
  const told = followed.reduce((sum, { seen }) => sum + seen.length, 0)
  return [
    row('asked for', String(asked.length)),
    row('refused at the door', list(countBy(asked, ({ refusedWith }) => refusedWith?.toString()))),
    row('with a reference', list(countBy(asked, ({ reference }) => reference ?? undefined))),
    row('characters made under fire', String(characters.length)),
    row('asked again with the same key', String(replays)),
    row('followers', `${followed.length}, told ${told} events, resumed ${resumed} times`),
    row('cancels, deletes', `${cancels}, ${deleted.size}`),
  ]
}

export function caseRows({
  finding: { cases, ledger },
  load,
  renders,
}: Pick<Result, 'finding' | 'load' | 'renders'>): string[] {
  const inState = (status: string): Case[] => cases.filter(({ generation }) => generation.status === status)
  const failed = inState('failed')
  const codes = countBy(failed, ({ generation }) => generation.error?.code)
  const answered = load.asked.filter(({ id }) => id !== null).length
  const late = failed.filter(({ generation }) => generation.video !== null).length
  return [
    row('accepted', `${cases.length}, of which ${answered} were answered so`),
    row('completed', String(inState('completed').length)),
    row('failed', `${failed.length} (${list(codes)})`),
    row('cancelled', String(inState('cancelled').length)),
    row('deadline passed, nothing was sent', String(cases.filter(isUnsent).length)),
    row('late videos', String(late)),
    row('renders at the vendors', String(renders)),
    row(
      'attempts of unknown outcome',
      `${ledger.unknown.attempts}, ${ledger.unknown.rendered} of them rendered`,
    ),
  ]
}

/** Not a broken promise, but undesirable: it waited for something that could not happen any more. */
function isUnsent({ generation, events }: Case): boolean {
  return (
    generation.error?.code === 'deadline_exceeded' &&
    events?.some(({ type }) => type === 'attempt.submitting') === false
  )
}

/** How to reproduce it, and the history of every affected generation. */
export function histories(
  { finding, directory }: Pick<Result, 'finding' | 'directory'>,
  again: string,
): string[] {
  const byId = Map.groupBy(
    finding.violations.toSorted((a, b) => Number(a.id !== '') - Number(b.id !== '')),
    ({ id }) => id,
  )
  return [
    `Again: ${again}`,
    `Data and log: ${directory}`,
    ...[...byId].slice(0, mostHistories).flatMap(([id, violations]) => {
      const found = finding.cases.find(({ generation }) => generation.id === id)
      return [
        '',
        ...violations.map(({ kind, detail }) => `${kind}: ${id} ${detail}`),
        ...(found === undefined
          ? []
          : [
              `  asked   ${JSON.stringify(found.asked)}`,
              `  shown   ${found.generation.status} ${JSON.stringify(found.generation.error)} ${found.generation.prompt}`,
              ...found.generation.attempts.map((attempt) => `  attempt ${JSON.stringify(attempt)}`),
              ...found.renders.map(
                (render) =>
                  `  render  ${JSON.stringify({ ...render, createdAt: new Date(render.createdAt), endedAt: render.endedAt === null ? null : new Date(render.endedAt) })}`,
              ),
              ...(found.events ?? []).map((event) => `  event   ${JSON.stringify(event)}`),
            ]),
      ]
    }),
  ]
}

const mostHistories = 30

const usd = (value: number): string => `$${value.toFixed(2)}`
export const row = (name: string, value: string): string => `  ${name.padEnd(38)}${value}`

export function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string | undefined): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) {
    const name = nameOf(item)
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

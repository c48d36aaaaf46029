import type { Case, Violation } from './checker.ts'
import type { Result } from './run.ts'

const kinds: Violation['kind'][] = [
  'rendered twice',
  'lost',
  'stuck',
  'accepted twice',
  'history',
  'final state changed',
  'ledger',
  'floor',
  'refusal',
  'video',
  'verdict',
  'caller',
]

/** The table, and with violations the history of every generation that has one. */
export function reportOf(result: Result): string {
  const { finding, kills } = result
  const ended = (status: string): number =>
    finding.cases.filter(({ generation }) => generation.status === status).length
  const lines = [
    `seed ${result.seed}: ${result.seconds.toFixed(0)} s of load, ${result.drainSeconds.toFixed(0)} s until nothing was open`,
    row(
      'kills',
      `${kills.named + kills.random} (${kills.named} at named points, ${kills.random} at random times)`,
    ),
    row(
      '',
      `${(((kills.named + kills.random) / result.seconds) * 1).toFixed(1)} a second; ${kills.early} before it listened`,
    ),
    row('named points hit', list(kills.points)),
    row('lives with a full disk, an odd clock', `${kills.diskFull}, ${kills.clock}`),
    row('faults set', list(result.faults)),
    '',
    row('asked for', String(result.load.asked.length)),
    row(
      'refused at the door',
      list(countBy(result.load.asked, ({ refusedWith }) => refusedWith?.toString())),
    ),
    row(
      'accepted',
      `${finding.cases.length}, of which ${result.load.asked.filter(({ id }) => id !== null).length} were answered so`,
    ),
    row('completed', String(ended('completed'))),
    row(
      'failed',
      `${ended('failed')} ${list(countBy(finding.cases, ({ generation }) => (generation.status === 'failed' ? generation.error?.code : undefined)))}`,
    ),
    row('deadline passed, nothing was sent', String(finding.cases.filter(isUnsent).length)),
    row(
      'late videos',
      String(
        finding.cases.filter(({ generation }) => generation.status === 'failed' && generation.video !== null)
          .length,
      ),
    ),
    row('cancelled', String(ended('cancelled'))),
    row('renders at the vendors', String(result.renders)),
    row(
      'attempts of unknown outcome',
      `${finding.unknown.attempts}, ${finding.unknown.rendered} of them rendered`,
    ),
    '',
    ...kinds.map((kind) => row(kind, String(finding.violations.filter((each) => each.kind === kind).length))),
    row('gateway ended by itself', String(result.crashes)),
    row(
      'billed / settled / reserved',
      `${usd(finding.billedUsd)} / ${usd(finding.settledUsd)} / ${usd(finding.reservedUsd)}`,
    ),
    row('ledger difference', usd(finding.differenceUsd)),
  ]
  if (!isClean(result)) lines.push('', ...histories(result))
  return lines.join('\n')
}

/** Not a broken promise, and a nuisance: it waited for something that no longer was to come. */
function isUnsent({ generation, events }: Case): boolean {
  return (
    generation.error?.code === 'deadline_exceeded' &&
    !events.some(({ type }) => type === 'attempt.submitting')
  )
}

export function isClean({ finding, crashes }: Result): boolean {
  return finding.violations.length === 0 && crashes === 0
}

function histories({ finding, seed, minutes, directory, schedule }: Result): string[] {
  const byId = Map.groupBy(finding.violations, ({ id }) => id)
  return [
    `Again: npm run chaos -- --minutes ${minutes} --seed ${seed}`,
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
              ...found.events.map((event) => `  event   ${JSON.stringify(event)}`),
            ]),
      ]
    }),
    '',
    'The lives of the gateway:',
    ...schedule,
  ]
}

const mostHistories = 30

const usd = (value: number): string => `$${value.toFixed(2)}`
const row = (name: string, value: string): string => `  ${name.padEnd(38)}${value}`

function list(counts: ReadonlyMap<string, number>): string {
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

import { median } from '../figures.ts'
import type { Figure } from '../program.ts'
import type { StepName } from './steps.ts'

/** One line of the table of docs/BENCHMARKS.md. Its unit is that of the figure. */
export interface Row {
  what: string
  /** What measures it, and the name of the figure there. */
  step: StepName
  figure: string
  /** The least or the most that is wanted of the median; null: shown, and not judged. */
  goal: { least: number } | { most: number } | null
}

export const rows: readonly Row[] = [
  {
    what: '`POST /generate`, durable / bare Fastify and zod',
    step: 'accept',
    figure: 'durable, role api / bare',
    goal: { least: 0.45 },
  },
  {
    what: 'creates accepted and sent / creates that Portkey relays',
    step: 'peers',
    figure: 'gateway / Portkey',
    goal: { least: 5 },
  },
  {
    what: 'creates accepted and sent / creates that LiteLLM’s proxy relays',
    step: 'peers',
    figure: 'gateway / LiteLLM',
    goal: null,
  },
  {
    what: '`GET /generations/{id}` / bare Fastify, same bytes',
    step: 'read',
    figure: 'read / bare',
    goal: { least: 0.5 },
  },
  { what: 'archived video / nginx', step: 'video', figure: 'video / nginx', goal: { least: 0.7 } },
  {
    what: 'archived video: memory at most / before',
    step: 'video',
    figure: 'video: memory at most / before',
    goal: { most: 1.1 },
  },
  {
    what: 'creates per second and core, no callers',
    step: 'backlog',
    figure: 'creates, no callers',
    goal: { least: 3000 },
  },
  {
    what: 'whole lives per second and core, instant vendor',
    step: 'lives',
    figure: 'whole lives',
    goal: { least: 800 },
  },
  {
    what: 'creates sent of those accepted, while callers never pause',
    step: 'callers',
    figure: 'beside callers: sent of accepted',
    goal: { least: 0.9 },
  },
  {
    what: '202 → create at an idle upstream, p50',
    step: 'reach',
    figure: '202 → create, p50',
    goal: { most: 3 },
  },
  {
    what: '202 → create at an idle upstream, p99',
    step: 'reach',
    figure: '202 → create, p99',
    goal: { most: 10 },
  },
  {
    what: '100,000 in flight: memory at most',
    step: 'flight',
    figure: 'in flight: memory at most',
    goal: { most: 300 },
  },
  {
    what: '100,000 in flight: lag of a poll, p99',
    step: 'flight',
    figure: 'in flight: poll lag p99',
    goal: { most: 1000 },
  },
  {
    what: 'kill -9 with 100,000 in flight → ready',
    step: 'flight',
    figure: 'kill -9 → ready',
    goal: { most: 2000 },
  },
  {
    what: 'kill -9 with 100,000 in flight → all owned',
    step: 'flight',
    figure: 'kill -9 → all owned',
    goal: { most: 2000 },
  },
  ...['everything', 'one', 'own'].flatMap((followed): Row[] => [
    {
      what: `10,000 readers of ${followed}: memory at most`,
      step: 'readers',
      figure: `readers of ${followed}: memory at most`,
      goal: { most: 500 },
    },
    {
      what: `10,000 readers of ${followed}: event to the last`,
      step: 'readers',
      figure: `readers of ${followed}: event to the last`,
      goal: { most: 500 },
    },
  ]),
  {
    what: 'polls of a job / every 5 s, at equal delay',
    step: 'polls',
    figure: 'spread evenly from 83 to 253 s: polls at equal delay',
    goal: { most: 0.5 },
  },
  { what: 'start to first answer', step: 'start', figure: 'start to first answer', goal: { most: 500 } },
]

/** What a step gave: its figures, some of which may be left out where a program is not installed, or why it has none. */
export type Outcome = { type: 'measured'; figures: readonly Figure[] } | { type: 'failed'; why: string }

export interface Judged {
  what: string
  unit: string
  /** Null where it was not run or not measured. */
  now: { median: number; least: number; most: number; digits: number } | null
  goal: Row['goal']
  verdict: { type: 'met' | 'shown' | 'not run' | 'not measured' } | { type: 'missed'; times: number }
}

/** A median is judged as it is shown, with the decimals of its figure. */
export function judge({ what, figure: name, goal }: Row, outcome: Outcome): Judged {
  if (outcome.type === 'failed') return { what, unit: '', now: null, goal, verdict: { type: 'not measured' } }
  const figure = outcome.figures.find((each) => each.name === name)
  if (figure === undefined) return { what, unit: '', now: null, goal, verdict: { type: 'not run' } }
  const { unit, digits, values } = figure
  const now = { median: median(values), least: Math.min(...values), most: Math.max(...values), digits }
  return { what, unit, now, goal, verdict: verdictOf(Number(now.median.toFixed(digits)), goal) }
}

function verdictOf(now: number, goal: Row['goal']): Judged['verdict'] {
  if (goal === null) return { type: 'shown' }
  const times = 'least' in goal ? goal.least / now : now / goal.most
  return times <= 1 ? { type: 'met' } : { type: 'missed', times }
}

/** In Markdown, as in docs/BENCHMARKS.md. */
export function shownTable(judged: readonly Judged[]): string {
  const cells = [
    ['what', 'now: median (least-most)', 'goal', ''],
    ...judged.map(({ what, unit, now, goal, verdict }) => [
      what,
      now === null
        ? ''
        : `${inUnit(now, unit)} (${now.least.toFixed(now.digits)}-${now.most.toFixed(now.digits)})`,
      shownGoal(goal),
      shownVerdict(verdict),
    ]),
  ]
  const widths =
    cells[0]?.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0))) ?? []
  const [head = '', ...body] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  )
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n')
}

function inUnit({ median: middle, digits }: NonNullable<Judged['now']>, unit: string): string {
  return unit === '' ? middle.toFixed(digits) : `${middle.toFixed(digits)} ${unit}`
}

function shownGoal(goal: Row['goal']): string {
  if (goal === null) return ''
  return 'least' in goal ? `≥ ${goal.least}` : `≤ ${goal.most}`
}

function shownVerdict(verdict: Judged['verdict']): string {
  if (verdict.type === 'missed') return `missed by ${verdict.times.toFixed(verdict.times < 1.1 ? 2 : 1)} ×`
  return verdict.type === 'shown' ? '' : verdict.type
}

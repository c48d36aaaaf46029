import { Problem } from '../../domain/problem.ts'
import { statisticsOf } from '../../domain/statistics/statistics.ts'
import type { StatisticsParts } from '../../domain/statistics/statistics.ts'
import { countOf, mostSteps, spanOfSteps, stepMs } from '../../domain/statistics/steps.ts'
import type { StepSpan } from '../../domain/statistics/steps.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StatisticsStore } from '../../ports/statistics/statistics-store.ts'
import { noteFigures } from '../operations/view-audit.ts'
import type { NoteView } from '../operations/view-audit.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import type { StatisticsQuestion, StatisticsService } from './statistics.ts'

const noParts: StatisticsParts = {
  creates: [],
  ends: [],
  times: [],
  openings: [],
  open: [],
  later: { creates: 0, ends: 0 },
}

export function createStatisticsService(deps: {
  gate: Pick<UpstreamGate, 'view' | 'views'>
  statistics: Pick<StatisticsStore, 'read' | 'accepted'>
  clock: Clock
  noteView: NoteView
  /** How long attempts of removed generations are kept, in ms; null: forever. As it is configured now. */
  attemptsKeptMs: () => number | null
}): StatisticsService {
  const { gate, statistics, clock, noteView, attemptsKeptMs } = deps
  function completeSince(now: number): number | null {
    const keptMs = attemptsKeptMs()
    return keptMs === null ? null : now - keptMs
  }

  return {
    async of(client, upstream, question) {
      const now = clock.now()
      const span = checkedSpan(question, now)
      const parts = await statistics.read([upstream], span)
      if (parts === null && gate.view(upstream) === undefined)
        throw new Problem('not_found', `No upstream "${upstream}" is configured, and none had an attempt.`)
      await noteFigures(noteView, client, { tenant: null, subject: upstream, part: 'statistics' })
      return {
        upstream,
        ...span,
        completeSince: completeSince(now),
        rows: statisticsOf(parts ?? noParts, span),
      }
    },
    async overall(client, question) {
      const now = clock.now()
      const span = checkedSpan(question, now)
      const upstreams = gate.views().map(({ spec }) => spec.id)
      const [parts, accepted] = await Promise.all([
        statistics.read(upstreams, span),
        statistics.accepted(span),
      ])
      await noteFigures(noteView, client, { tenant: null, part: 'statistics' })
      const made = new Map(accepted.map(({ step, n }) => [step * stepMs[span.step], n]))
      const rows = statisticsOf(parts ?? noParts, span)
      return {
        ...span,
        completeSince: completeSince(now),
        rows: rows.map((row) => ({ ...row, accepted: made.get(row.at) ?? 0 })),
      }
    },
  }
}

function checkedSpan(question: StatisticsQuestion, now: number): StepSpan {
  const { from, to } = question
  if (from !== null && from > now) throw faulty('#/query/from', 'must not be in the future')
  const span = spanOfSteps(question, now)
  if (span === null) throw faulty(to === null ? '#/query/from' : '#/query/to', 'must be after the beginning')
  if (countOf(span) <= mostSteps) return span
  const other = question.step === 'hour' ? ', or `step=day`' : ''
  throw faulty(
    '#/query/from',
    `must be at most ${mostSteps} steps before the end; choose a shorter period${other}`,
  )
}

function faulty(pointer: string, detail: string): Problem {
  return new Problem(
    'validation_failed',
    `The ${pointer.slice('#/query/'.length)} of the statistics ${detail}.`,
    {
      faults: [{ pointer, detail }],
    },
  )
}

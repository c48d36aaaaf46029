import { Link } from '@tanstack/react-router'
import { useClock } from '../../format/use-clock.ts'
import { useFormat } from '../../format/use-format.ts'
import type { BudgetUse, UncertainFigures } from '../../rules/attention-lines.ts'
import { KindLetter } from '../../ui/kind-letter.tsx'
import { useWords } from '../../words/language.tsx'
import type { Upstream } from '../upstreams/queries.ts'
import { UpstreamPill } from '../upstreams/state-pill.tsx'
import { useSentences } from '../upstreams/use-sentences.ts'
import { LineRow } from './line-row.tsx'
import type { DeskLine } from './use-desk.ts'
import { Webhooks } from './webhooks-line.tsx'
import { overviewWords } from './words.ts'

export function keyOf(line: DeskLine): string {
  if (line.kind === 'sick') return `sick ${line.upstream.id}`
  return line.kind === 'budgets' ? `budget ${line.budget.name}` : line.kind
}

export function DeskLineRow({ line }: { line: DeskLine }) {
  switch (line.kind) {
    case 'unknown':
    case 'overdue':
      return <Uncertain kind={line.kind} figures={line.figures} />
    case 'unused':
      return <Unused usd={line.usd} />
    case 'sick':
      return <Sick upstream={line.upstream} />
    case 'webhooks':
      return <Webhooks failing={line.failing} hasMore={line.hasMore} />
    case 'budgets':
      return <Budget budget={line.budget} />
  }
}

function Uncertain({ kind, figures }: { kind: 'unknown' | 'overdue'; figures: UncertainFigures }) {
  const t = useWords(overviewWords)
  const { usd, age } = useFormat()
  const { clock } = useClock()
  const { attempts: n, reserved_cost_usd: held, oldest } = figures
  const until = oldest?.looked_for_until ?? null
  const began = oldest === null ? '' : age(oldest.started_at)
  return (
    <LineRow
      glyph="exclamation"
      tone="warn"
      head={t(kind, { n, amount: usd(held) })}
      more={
        oldest === null
          ? undefined
          : until === null
            ? t('oldest_given_up', { age: began })
            : t('oldest_until', { age: began, until: clock(until) })
      }
      act={
        n === 1 && oldest !== null ? (
          <Link className="button" to="/generations/$id" params={{ id: oldest.generation }}>
            {t('see_generation')}
          </Link>
        ) : (
          <Link className="button" to="/generations" search={{ tab: 'attention' }}>
            {t('see_list')}
          </Link>
        )
      }
    />
  )
}

function Unused({ usd: amount }: { usd: number }) {
  const t = useWords(overviewWords)
  const { usd } = useFormat()
  return (
    <LineRow
      glyph="cross"
      tone="bad"
      head={t('unused', { amount: usd(amount) })}
      more={t('unused_more')}
      act={
        <Link className="button" to="/generations" search={{ tab: 'attention' }}>
          {t('see_list')}
        </Link>
      }
    />
  )
}

function Sick({ upstream }: { upstream: Upstream }) {
  const t = useWords(overviewWords)
  const sentences = useSentences()(upstream)
  const isPaused = upstream.pause !== null
  return (
    <LineRow
      glyph={isPaused ? 'dash' : 'cross'}
      tone={isPaused ? 'off' : 'bad'}
      head={
        <span className="row">
          <KindLetter kind={upstream.kind} />
          {upstream.id}
          <UpstreamPill upstream={upstream} />
        </span>
      }
      more={sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      act={
        <Link className="button" to="/upstreams/$id" params={{ id: upstream.id }}>
          {t('see_upstream')}
        </Link>
      }
    />
  )
}

function Budget({ budget }: { budget: BudgetUse }) {
  const t = useWords(overviewWords)
  const { usd, percent } = useFormat()
  const { name, share, budgetUsd, spentUsd, reservedUsd } = budget
  const head = t('budget', { name, percent: percent(share), budget: usd(budgetUsd) })
  return (
    <LineRow
      glyph="exclamation"
      tone={share >= 1 ? 'bad' : 'warn'}
      head={head}
      more={
        <>
          <meter className="desk-meter" min={0} max={1} value={Math.min(1, share)} aria-label={head} />
          {t('budget_more', { spent: usd(spentUsd), reserved: usd(reservedUsd) })}
        </>
      }
      act={
        <Link className="button" to="/money">
          {t('see_money')}
        </Link>
      }
    />
  )
}

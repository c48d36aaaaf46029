import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useFormat } from '../../format/use-format.ts'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { Divide } from './divide.tsx'
import { Policies } from './policies.tsx'
import { estimateQuery } from './queries.ts'
import type { Estimate } from './queries.ts'
import type { MoneyView } from './use-money.ts'
import { moneyWords } from './words.ts'
import { usualWorkload, workloadOf } from './workload.ts'
import { WorkloadFields } from './workload-fields.tsx'

const sources = ['from_history', 'typed'] as const

/** What the videos of the time shown, or a typed workload, would cost under each policy. */
export function WhatIf({ view: { span, search } }: { view: MoneyView }) {
  const t = useWords(moneyWords)
  const [source, setSource] = useState<(typeof sources)[number]>('from_history')
  const [typed, setTyped] = useState(usualWorkload)
  const { from, to } = span
  const { tenant } = search
  const history = { characters: 0, from_history: { from, to, ...(tenant !== undefined && { tenant }) } }
  const query = useQuery({
    ...estimateQuery(source === 'typed' ? workloadOf(typed) : history),
    placeholderData: keepPreviousData,
  })
  return (
    <section className="money-part" aria-labelledby="what-if">
      <h2 id="what-if">{t('what_if')}</h2>
      <p className="mute small">{t('what_if_detail')}</p>
      <fieldset className="choices">
        <legend className="visually-hidden">{t('what_if')}</legend>
        {sources.map((each) => (
          <label key={each} className="choice">
            <input
              type="radio"
              name="estimate-source"
              checked={source === each}
              onChange={() => setSource(each)}
            />
            {t(each)}
          </label>
        ))}
      </fieldset>
      {source === 'typed' && (
        <WorkloadFields typed={typed} change={(next) => setTyped((before) => ({ ...before, ...next }))} />
      )}
      <Loaded query={query} bones={4}>
        {(estimate) => <Found estimate={estimate} />}
      </Loaded>
    </section>
  )
}

function Found({ estimate }: { estimate: Estimate }) {
  const t = useWords(moneyWords)
  const { history, count } = estimate
  if (history !== undefined && count === 0) return <p className="notice">{t('history_none')}</p>
  return (
    <>
      {history !== undefined && <History history={history} count={count} />}
      <div className="panel panel-flush">
        <Policies estimate={estimate} />
      </div>
      <Divide estimate={estimate} />
    </>
  )
}

function History({ history, count }: { history: NonNullable<Estimate['history']>; count: number }) {
  const t = useWords(moneyWords)
  const { usd } = useFormat()
  return (
    <p className="small history">
      <span>{t('history_videos', { n: count })}</span>
      {history.sampled < count && <span>{t('history_sampled', { n: history.sampled })}</span>}
      <span>{t('history_paid', { amount: usd(history.cost_usd) })}</span>
      {history.reserved_cost_usd > 0 && (
        <span className="tone-warn">{t('history_reserved', { amount: usd(history.reserved_cost_usd) })}</span>
      )}
      {history.unused_cost_usd > 0 && (
        <span className="tone-bad">{t('history_unused', { amount: usd(history.unused_cost_usd) })}</span>
      )}
    </p>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Schemas } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { useCan } from '../../session/use-can.ts'
import { Loaded } from '../../ui/panel.tsx'
import { StatePill } from '../../ui/pill.tsx'
import { useWords } from '../../words/language.tsx'
import { Exchanges } from './exchanges.tsx'
import { troubleQuery } from './queries.ts'
import { upstreamWords } from './words.ts'

type Row = Schemas['GenerationSummary']
type Attempt = Row['attempts'][number]

function isTrouble(attempt: Attempt, upstream: string): boolean {
  return attempt.upstream === upstream && (attempt.state === 'failed' || attempt.state === 'unknown')
}

/** The newest attempts there that went wrong, each with what the upstream answered. */
export function Trouble({ id }: { id: string }) {
  const t = useWords(upstreamWords)
  const query = useQuery(troubleQuery(id))
  const seesAnswers = useCan('observe', 'operate')
  return (
    <section className="panel stack" aria-labelledby="trouble-title">
      <h2 id="trouble-title">{t('trouble_title')}</h2>
      <Loaded query={query} bones={3}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="mute">{t('no_trouble')}</p>
          ) : (
            <div>
              <p className="small mute">{t('trouble_detail')}</p>
              {rows.flatMap((row) =>
                row.attempts
                  .filter((attempt) => isTrouble(attempt, id))
                  .map((attempt) => (
                    <One key={attempt.id} generation={row.id} attempt={attempt} seesAnswers={seesAnswers} />
                  )),
              )}
            </div>
          )
        }
      </Loaded>
      {!seesAnswers && <p className="mute">{t('exchange_takes')}</p>}
    </section>
  )
}

function One({
  generation,
  attempt,
  seesAnswers,
}: {
  generation: string
  attempt: Attempt
  seesAnswers: boolean
}) {
  const t = useWords(upstreamWords)
  const { age } = useFormat()
  const [isOpen, setOpen] = useState(false)
  const state = attempt.state === 'unknown' ? 'unknown' : 'failed'
  return (
    <details className="trouble" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <StatePill state={state} />
        {attempt.failure !== null && <code>{attempt.failure.code}</code>}
        <span className="small mute">{age(attempt.ended_at ?? attempt.started_at)}</span>
      </summary>
      <div className="stack">
        <Link to="/generations/$id" params={{ id: generation }}>
          {t('open_generation', { id: generation })}
        </Link>
        {isOpen && seesAnswers && <Exchanges generation={generation} attempt={attempt.id} />}
      </div>
    </details>
  )
}

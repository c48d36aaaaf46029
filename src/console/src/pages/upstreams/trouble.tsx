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

const mostShown = 8

function isTrouble(attempt: Attempt, upstream: string): boolean {
  return attempt.upstream === upstream && (attempt.state === 'failed' || attempt.state === 'unknown')
}

/** The newest first; one whose outcome is unknown may have begun before others failed. */
function troubleOf(rows: readonly Row[], upstream: string): Array<{ generation: string; attempt: Attempt }> {
  return rows
    .flatMap(({ id: generation, attempts }) =>
      attempts.filter((attempt) => isTrouble(attempt, upstream)).map((attempt) => ({ generation, attempt })),
    )
    .toSorted((one, other) => Date.parse(other.attempt.started_at) - Date.parse(one.attempt.started_at))
    .slice(0, mostShown)
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
              {troubleOf(rows, id).map(({ generation, attempt }, index) => (
                <One
                  key={attempt.id}
                  generation={generation}
                  attempt={attempt}
                  seesAnswers={seesAnswers}
                  // What is wrong now is read without a click.
                  startsOpen={index === 0 && seesAnswers}
                />
              ))}
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
  startsOpen,
}: {
  generation: string
  attempt: Attempt
  seesAnswers: boolean
  startsOpen: boolean
}) {
  const t = useWords(upstreamWords)
  const { age } = useFormat()
  const [isOpen, setOpen] = useState(startsOpen)
  const state = attempt.state === 'unknown' ? 'unknown' : 'failed'
  return (
    <details className="trouble" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
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

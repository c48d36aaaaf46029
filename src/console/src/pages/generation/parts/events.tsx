import type { UseQueryResult } from '@tanstack/react-query'
import { useFormat } from '../../../format/use-format.ts'
import { foldEvents, numberOf, textOf } from '../../../rules/fold-events.ts'
import type { EventRow } from '../../../rules/fold-events.ts'
import { Loaded } from '../../../ui/panel.tsx'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import type { EventHistory, Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

interface Props {
  generation: Generation
  history: UseQueryResult<EventHistory>
}

/** The history in one list; reports of progress are folded into the last one. */
export function Events({ generation, history }: Props) {
  const t = useWords(generationWords)
  return (
    <section aria-labelledby="events-title">
      <h2 id="events-title">{t('events')}</h2>
      <Loaded query={history} bones={6}>
        {({ events, hasMore }) =>
          events.length === 0 ? (
            <p className="mute">{t('no_events')}</p>
          ) : (
            <>
              <EventList rows={foldEvents(events)} since={Date.parse(generation.created_at)} />
              {hasMore && <p className="small mute">{t('events_more', { n: events.length })}</p>}
            </>
          )
        }
      </Loaded>
    </section>
  )
}

function EventList({ rows, since }: { rows: readonly EventRow[]; since: number }) {
  const format = useFormat()
  return (
    <ol className="panel events">
      {rows.map(({ event, reports }) => (
        <li key={event.seq}>
          <time className="mute" dateTime={event.at} title={format.instant(event.at)}>
            +<Elapsed ms={Math.max(0, Date.parse(event.at) - since)} />
          </time>
          <code>{event.type}</code>
          <span className="event-upstream">{textOf(event, 'upstream')}</span>
          <span className="event-said">
            <Said row={{ event, reports }} />
          </span>
        </li>
      ))}
    </ol>
  )
}

/** Tenths of a second in the first minute, where most of it happens. */
function Elapsed({ ms }: { ms: number }) {
  const t = useWords(coreWords)
  const format = useFormat()
  return ms < 60_000 ? t('seconds_short', { n: (ms / 1000).toFixed(1) }) : format.seconds(ms / 1000)
}

/** What an event says beside its type: job, progress, code and words, verdict, money. */
function Said({ row: { event, reports } }: { row: EventRow }) {
  const t = useWords(generationWords)
  const format = useFormat()
  const progress = numberOf(event, 'progress')
  const cost = numberOf(event, 'cost_usd')
  const by = textOf(event, 'by')
  const parts = [
    progress === null ? null : `${progress} %`,
    textOf(event, 'status'),
    textOf(event, 'upstream_id'),
    textOf(event, 'code'),
    textOf(event, 'message') ?? textOf(event, 'detail'),
    textOf(event, 'verdict'),
    by,
    cost === null ? null : format.usd(cost),
  ].filter((part) => part !== null && part !== '')
  return (
    <>
      {parts.join(' · ')}
      {reports > 1 && <span className="small mute"> ({t('reports', { n: reports })})</span>}
    </>
  )
}

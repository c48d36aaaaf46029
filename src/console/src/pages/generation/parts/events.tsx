import type { UseQueryResult } from '@tanstack/react-query'
import { useFormat } from '../../../format/use-format.ts'
import { foldEvents, numberOf, textOf } from '../../../rules/fold-events.ts'
import type { EventRow } from '../../../rules/fold-events.ts'
import { Loaded } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import type { EventHistory, Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

interface Props {
  generation: Generation
  history: UseQueryResult<EventHistory>
}

/** The history in one table; reports of progress are folded into the last one. */
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
              <div className="panel panel-flush">
                <div className="scroll" tabIndex={0} role="group" aria-label={t('events')}>
                  <EventTable rows={foldEvents(events)} since={Date.parse(generation.created_at)} />
                </div>
              </div>
              {hasMore && <p className="small mute">{t('events_more', { n: events.length })}</p>}
            </>
          )
        }
      </Loaded>
    </section>
  )
}

function EventTable({ rows, since }: { rows: readonly EventRow[]; since: number }) {
  const t = useWords(generationWords)
  const format = useFormat()
  return (
    <table className="table events">
      <thead>
        <tr>
          <th scope="col">{t('column_time')}</th>
          <th scope="col">{t('column_event')}</th>
          <th scope="col">{t('column_upstream')}</th>
          <th scope="col">{t('column_said')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ event, reports }) => (
          <tr key={event.seq}>
            <td className="mute nowrap">
              <time dateTime={event.at} title={format.instant(event.at)}>
                +{format.seconds(Math.max(0, Date.parse(event.at) - since) / 1000)}
              </time>
            </td>
            <td>
              <code>{event.type}</code>
            </td>
            <td>{textOf(event, 'upstream')}</td>
            <td className="event-said">
              <Said row={{ event, reports }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
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

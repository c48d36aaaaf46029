import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '../../api/client.ts'
import { useClock } from '../../format/use-clock.ts'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { exchangesQuery } from './queries.ts'
import { upstreamWords } from './words.ts'

type Exchange = Schemas['Exchange']

/** What the upstream answered about one attempt, the newest first. */
export function Exchanges({ generation, attempt }: { generation: string; attempt: string }) {
  const t = useWords(upstreamWords)
  const query = useQuery(exchangesQuery(generation))
  return (
    <Loaded query={query} bones={2}>
      {({ data }) => {
        const exchanges = data.find((each) => each.attempt === attempt)?.exchanges ?? []
        if (exchanges.length === 0) return <p className="mute">{t('exchanges_none')}</p>
        return (
          <div>
            {exchanges.toReversed().map((exchange) => (
              <One key={`${exchange.at} ${exchange.operation}`} exchange={exchange} />
            ))}
          </div>
        )
      }}
    </Loaded>
  )
}

function One({ exchange }: { exchange: Exchange }) {
  const t = useWords(upstreamWords)
  const { clock } = useClock()
  const { operation, at, reason, body, repeated } = exchange
  return (
    <div className="exchange">
      <p className="small">
        <code>{t('exchange_line', { operation, at: clock(at) })}</code> · {ending(exchange)}
        {repeated > 0 && <span className="mute"> {t('exchange_repeated', { n: repeated })}</span>}
      </p>
      {reason !== null && <p className="small">{reason}</p>}
      {body !== null && body !== '' && (
        <pre className="exchange-body" tabIndex={0} role="region" aria-label={`${operation} ${clock(at)}`}>
          {body}
        </pre>
      )}
    </div>
  )

  function ending({ ending: kind, status, duration_ms: ms }: Exchange): string {
    if (kind === 'not_sent') return t('exchange_not_sent')
    if (kind === 'no_answer' || status === null) return t('exchange_no_answer', { ms })
    return t('exchange_status', { status: String(status), ms })
  }
}

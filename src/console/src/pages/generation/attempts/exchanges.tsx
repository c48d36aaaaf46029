import type { Schemas } from '../../../api/client.ts'
import { useFormat } from '../../../format/use-format.ts'
import { Loaded } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { useExchanges } from '../queries.ts'
import { generationWords } from '../words.ts'

type Exchange = Schemas['Exchange']

interface Props {
  generationId: string
  attemptId: string
  isOpen: boolean
}

/** The recorded answers of the upstream to one attempt, oldest first. */
export function Exchanges({ generationId, attemptId, isOpen }: Props) {
  const t = useWords(generationWords)
  const query = useExchanges(generationId, isOpen)
  if (!isOpen) return null
  return (
    <Loaded query={query} bones={2}>
      {({ data }) => {
        const exchanges = data.find(({ attempt }) => attempt === attemptId)?.exchanges ?? []
        if (exchanges.length === 0) return <p className="mute">{t('no_answers')}</p>
        return (
          <ol className="exchanges">
            {exchanges.map((exchange) => (
              <ExchangeItem key={`${exchange.at} ${exchange.operation}`} exchange={exchange} />
            ))}
          </ol>
        )
      }}
    </Loaded>
  )
}

function ExchangeItem({ exchange }: { exchange: Exchange }) {
  const t = useWords(generationWords)
  const format = useFormat()
  const { operation, status, ending, duration_ms: ms, method, path, reason, repeated, truncated } = exchange
  const unanswered = ending === 'not_sent' ? t('not_sent') : t('no_answer')
  const headers = Object.entries(exchange.headers)
  return (
    <li>
      <details open={operation === 'create'}>
        <summary>
          <strong>{t('exchange', { operation, status: status ?? unanswered, ms })}</strong>{' '}
          <time className="small mute" dateTime={exchange.at}>
            {format.instant(exchange.at)}
          </time>
          {repeated > 0 && <span className="small mute"> · {t('repeated', { n: repeated })}</span>}
        </summary>
        <code>
          {method} {path}
        </code>
        {reason !== null && <p className="tone-warn">{reason}</p>}
        {exchange.request !== null && <Body name={t('request_body')} text={exchange.request} />}
        {headers.length > 0 && (
          <Body
            name={t('response_headers')}
            text={headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
          />
        )}
        {exchange.body !== null && (
          <Body
            name={truncated ? `${t('response_body')} (${t('truncated')})` : t('response_body')}
            text={exchange.body}
          />
        )}
      </details>
    </li>
  )
}

function Body({ name, text }: { name: string; text: string }) {
  return (
    <figure className="body">
      <figcaption className="small mute">{name}</figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}

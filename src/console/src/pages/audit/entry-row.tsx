import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format/use-format.ts'
import { subjectPlace } from '../../rules/audit-subject.ts'
import { useWords } from '../../words/language.tsx'
import type { AuditEntry } from './queries.ts'
import { auditWords } from './words.ts'

/** One entry. On a phone it is a card: the roles keep it a row for screen readers. */
export function EntryRow({ entry }: { entry: AuditEntry }) {
  const t = useWords(auditWords)
  const { age, instant } = useFormat()
  return (
    <tr role="row">
      <td role="cell" className="entry-at">
        <time dateTime={entry.at} title={age(entry.at)}>
          {instant(entry.at)}
        </time>
      </td>
      <td role="cell">
        {entry.key === null ? (
          <span className="mute">{entry.tenant ?? t('gateway')}</span>
        ) : (
          <span className="lines">
            <strong>{entry.key}</strong>
            {entry.tenant !== entry.key && <span className="small mute">{entry.tenant}</span>}
          </span>
        )}
      </td>
      <td role="cell">
        <code>{entry.action}</code>
      </td>
      <td role="cell">
        <Subject entry={entry} />
      </td>
      <td role="cell" className="small">
        {entry.address ?? <span className="mute">–</span>}
      </td>
      <td role="cell">
        <details className="entry-details">
          <summary className="small">{t('details')}</summary>
          <pre className="mono">{JSON.stringify(entry.data, null, 2)}</pre>
          {entry.request_id !== null && (
            <p className="small mute">
              {t('request')} <code>{entry.request_id}</code>
            </p>
          )}
        </details>
      </td>
    </tr>
  )
}

/** Leads to what it was done to, where that can still be seen. */
function Subject({ entry }: { entry: AuditEntry }) {
  const { subject } = entry
  if (subject === null) return <span className="mute">–</span>
  const place = subjectPlace(entry)
  const name = <code>{subject}</code>
  if (place === null) return name
  if (!('id' in place)) return <Link to={place.to}>{name}</Link>
  return (
    <Link to={place.to} params={{ id: place.id }}>
      {name}
    </Link>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../../format/use-format.ts'
import { KindLetter } from '../../../ui/kind-letter.tsx'
import { Money } from '../../../ui/money.tsx'
import { useWords } from '../../../words/language.tsx'
import { upstreamRows } from '../../../rules/character-upstreams.ts'
import { usageQuery } from '../queries.ts'
import type { Binding, Character, CharacterUsage } from '../queries.ts'
import { characterWords } from '../words.ts'
import { BindingCell } from './binding-cell.tsx'
import { Scores } from './scores.tsx'

type Row = ReturnType<typeof upstreamRows<Binding, CharacterUsage['upstreams'][number]>>[number]

/** How each upstream would use the character, what it is there, and what was made there. On a phone, rows are cards. */
export function OnUpstreams({ character, canAct }: { character: Character; canAct: boolean }) {
  const t = useWords(characterWords)
  const { data: usage } = useQuery(usageQuery(character.id))
  const rows = upstreamRows(character.expected ?? [], character.bindings, usage?.upstreams ?? [])
  const columns = ['upstream', 'use', 'binding', 'videos', 'money', 'scores'] as const
  return (
    <section className="panel panel-flush" aria-labelledby="on-upstreams-title">
      <h2 className="panel-title" id="on-upstreams-title">
        {t('upstreams')}
      </h2>
      <table className="table character-upstreams" role="table" aria-labelledby="on-upstreams-title">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th
                key={column}
                role="columnheader"
                scope="col"
                className={column === 'videos' || column === 'money' ? 'figure' : undefined}
              >
                {t(`column_${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <UpstreamRow key={row.upstream} row={row} character={character} canAct={canAct} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function UpstreamRow({ row, character, canAct }: { row: Row; character: Character; canAct: boolean }) {
  const t = useWords(characterWords)
  const { number } = useFormat()
  const { upstream, kind, expected, usage } = row
  return (
    <tr role="row">
      <th role="rowheader" scope="row" className="character-upstream">
        <span className="row">
          {kind !== null && <KindLetter kind={kind} />}
          {expected === null ? (
            upstream
          ) : (
            <Link to="/upstreams/$id" params={{ id: upstream }}>
              {upstream}
            </Link>
          )}
        </span>
      </th>
      <td role="cell" data-label={t('column_use')}>
        <Use row={row} />
      </td>
      <td role="cell" data-label={t('column_binding')}>
        <BindingCell row={row} character={character} canAct={canAct} />
      </td>
      <td role="cell" className="figure" data-label={t('column_videos')}>
        {number(usage?.videos ?? 0)}
      </td>
      <td role="cell" className="figure" data-label={t('column_money')}>
        <Money
          paidUsd={usage?.cost_usd ?? 0}
          reservedUsd={usage?.reserved_cost_usd ?? 0}
          withoutVideo={usage !== null && usage.videos === 0 && usage.unused_cost_usd > 0}
        />
      </td>
      <td role="cell" data-label={t('column_scores')}>
        <Scores scores={usage?.scores ?? null} />
      </td>
    </tr>
  )
}

function Use({ row: { expected } }: { row: Row }) {
  const t = useWords(characterWords)
  if (expected === null) return <span className="mute">{t('not_configured')}</span>
  const { fidelity, reason } = expected
  if (fidelity !== null) return t(`use_${fidelity}`)
  return (
    <div>
      {t('use_none')}
      {reason !== null && <span className="small mute character-reason">{reason}</span>}
    </div>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { useWords } from '../../../words/language.tsx'
import { compareWords } from '../words/words.ts'
import type { FieldProps } from './field-props.ts'

const mostAtOnce = 100

/** The newest characters; one that was asked for by the address is offered although it is not among them. */
export function CharacterField({ draft, change }: FieldProps) {
  const t = useWords(compareWords)
  const id = useId()
  const { data } = useQuery({
    queryKey: ['characters', { limit: mostAtOnce }],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/characters', { params: { query: { limit: mostAtOnce } }, signal })),
    staleTime: 30_000,
  })
  const names = data?.data.map(({ name }) => name) ?? []
  if (data !== undefined && names.length === 0)
    return (
      <p className="notice row">
        {t('no_characters')}
        <Link className="button" to="/characters/new">
          {t('make_character')}
        </Link>
      </p>
    )
  const isKnown = draft.character === '' || names.includes(draft.character)
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {t('character')}
      </label>
      <select id={id} value={draft.character} onChange={(event) => change({ character: event.target.value })}>
        <option value="">{t('choose_character')}</option>
        {(isKnown ? names : [draft.character, ...names]).map((name) => (
          <option key={name} value={name}>
            @{name}
          </option>
        ))}
      </select>
    </div>
  )
}

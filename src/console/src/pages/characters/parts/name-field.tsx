import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useState } from 'react'
import { nameFault } from '../../../rules/character-name.ts'
import { normalName } from '../../../rules/mentions.ts'
import { useWords } from '../../../words/language.tsx'
import { nameQuery } from '../queries.ts'
import { useSaid } from './use-said.ts'
import { characterWords } from '../words.ts'

/** After the last key, in milliseconds. */
const restMs = 250

interface Props {
  name: string
  setName: (name: string) => void
  /** What the gateway said of it. */
  fault: string | null
  /** The name that it has now, which is not taken. */
  own?: string | undefined
  /** Whether an empty name was already sent. */
  isSent?: boolean
}

/** The name, checked while it is typed: its form by the rule, and whether it is taken by a question. */
export function NameField({ name, setName, fault, own, isSent = false }: Props) {
  const t = useWords(characterWords)
  const id = useId()
  const { text, isWrong } = useVerdict({ name, fault, own, isSent })
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {t('name')}
      </label>
      <input
        id={id}
        value={name}
        required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={80}
        aria-invalid={isWrong}
        aria-describedby={`${id}-hint`}
        onChange={(event) => setName(event.target.value)}
      />
      <p id={`${id}-hint`} className={isWrong ? 'small fault' : 'small mute'} role="status">
        {text}
      </p>
    </div>
  )
}

function useVerdict({ name, fault, own, isSent = false }: Omit<Props, 'setName'>) {
  const t = useWords(characterWords)
  const written = name.normalize('NFKC')
  const format = nameFault(name)
  const rested = useRested(written)
  const isNew = format === null && written !== own
  const said = useSaid(fault, name)
  const { data } = useQuery(nameQuery(isNew && rested === written ? written : ''))
  if (said !== null) return { text: said, isWrong: true }
  if (format === 'missing')
    return { text: t(isSent ? 'name_missing' : 'name_hint', { name: 'name' }), isWrong: isSent }
  if (format !== null) return { text: t(`name_${format}`, { name: normalName(name) }), isWrong: true }
  if (isNew && typeof data === 'string') return { text: t('name_taken', { name: written }), isWrong: true }
  if (isNew && data === null) return { text: t('name_free', { name: written }), isWrong: false }
  return { text: t('name_hint', { name: written }), isWrong: false }
}

/** The text once nothing was typed for a moment. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), restMs)
    return () => clearTimeout(timer)
  }, [text])
  return rested
}

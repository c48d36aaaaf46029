import { useId } from 'react'
import type { Edge } from '../../../rules/clip-span.ts'
import { useWords } from '../../../words/language.tsx'
import { useSaid } from '../parts/use-said.ts'
import { characterWords } from '../words.ts'

export type Typed = Record<Edge, string>

interface Props {
  typed: Typed
  onType: (edge: Edge, text: string) => void
  /** When a field is left. */
  onSettle: () => void
  fault: string | null
  hint: string
}

const edges = ['start', 'end'] as const

/** Start and end in seconds, beside the film strip or without one. */
export function PartFields({ typed, onType, onSettle, fault: told, hint }: Props) {
  const t = useWords(characterWords)
  const id = useId()
  const fault = useSaid(told, `${typed.start} ${typed.end}`)
  return (
    <div className="stack-tight">
      <div className="part-fields">
        {edges.map((edge) => (
          <label key={edge} className="field">
            <span className="field-label">{t(`${edge}_seconds`)}</span>
            <input
              inputMode="decimal"
              autoComplete="off"
              value={typed[edge]}
              aria-invalid={fault !== null}
              aria-describedby={id}
              onChange={(event) => onType(edge, event.target.value)}
              onBlur={onSettle}
            />
          </label>
        ))}
      </div>
      <p
        id={id}
        className={fault === null ? 'small mute' : 'small fault'}
        role={fault === null ? undefined : 'alert'}
      >
        {fault ?? hint}
      </p>
    </div>
  )
}

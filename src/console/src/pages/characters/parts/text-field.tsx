import { useId } from 'react'
import { useSaid } from './use-said.ts'

interface Props {
  label: string
  hint: string
  value: string
  onChange: (value: string) => void
  /** What the gateway said of it; null for nothing. */
  fault: string | null
}

/** Some lines of text with a hint and, in its place, what is wrong with it. */
export function TextField({ label, hint, value, onChange, fault }: Props) {
  const id = useId()
  const said = useSaid(fault, value)
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        rows={3}
        maxLength={2000}
        value={value}
        aria-invalid={said !== null}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-hint`} className={said === null ? 'small mute' : 'small fault'}>
        {said ?? hint}
      </p>
    </div>
  )
}

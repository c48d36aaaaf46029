import { useId } from 'react'

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
        aria-invalid={fault !== null}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-hint`} className={fault === null ? 'small mute' : 'small fault'}>
        {fault ?? hint}
      </p>
    </div>
  )
}

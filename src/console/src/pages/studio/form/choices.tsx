import { useId } from 'react'

/** One of a few, as native radio buttons. */
export function Choices<Value extends string>({
  legend,
  value,
  options,
  onChoose,
}: {
  legend: string
  value: string
  options: ReadonlyArray<readonly [value: Value, label: string]>
  onChoose: (value: Value) => void
}) {
  const name = useId()
  return (
    <fieldset className="choices segments">
      <legend>{legend}</legend>
      {options.map(([option, label]) => (
        <label key={option} className="choice">
          <input
            className="visually-hidden"
            type="radio"
            name={name}
            value={option}
            checked={option === value}
            onChange={() => onChoose(option)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}

/** Any number of some. */
export function Checks({
  legend,
  hint,
  values,
  options,
  onChoose,
}: {
  legend: string
  hint?: string
  values: readonly string[]
  options: ReadonlyArray<readonly [value: string, label: string]>
  onChoose: (values: string[]) => void
}) {
  return (
    <fieldset className="choices">
      <legend>
        {legend}
        {hint !== undefined && <span className="choices-hint"> {hint}</span>}
      </legend>
      {options.map(([option, label]) => (
        <label key={option} className="choice">
          <input
            type="checkbox"
            checked={values.includes(option)}
            onChange={({ target }) =>
              onChoose(target.checked ? [...values, option] : values.filter((each) => each !== option))
            }
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}

/** A line or a few lines of text, with what is wrong with it. */
export function TextField({
  label,
  value,
  fault = null,
  isLong = false,
  inputMode,
  onText,
}: {
  label: string
  value: string
  fault?: string | null
  isLong?: boolean
  inputMode?: 'decimal' | 'numeric' | 'url'
  onText: (text: string) => void
}) {
  const id = useId()
  const shared = {
    id,
    value,
    'aria-invalid': fault !== null || undefined,
    'aria-describedby': fault === null ? undefined : `${id}-fault`,
  }
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {isLong ? (
        <textarea {...shared} rows={2} onChange={({ target }) => onText(target.value)} />
      ) : (
        <input
          {...shared}
          type="text"
          inputMode={inputMode}
          autoComplete="off"
          onChange={({ target }) => onText(target.value)}
        />
      )}
      {fault !== null && (
        <p id={`${id}-fault`} className="fault small">
          {fault}
        </p>
      )}
    </div>
  )
}

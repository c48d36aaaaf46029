import type { ButtonHTMLAttributes } from 'react'

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `danger` for what cannot be taken back. */
  kind?: 'plain' | 'primary' | 'danger' | 'quiet'
  /** While what it started is under way: it cannot be pressed again, and keeps the focus. */
  isBusy?: boolean
}

export function Button({ kind = 'plain', isBusy = false, type = 'button', onClick, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={`button button-${kind} ${rest.className ?? ''}`}
      aria-disabled={isBusy ? true : rest['aria-disabled']}
      aria-busy={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault()
        else onClick?.(event)
      }}
    />
  )
}

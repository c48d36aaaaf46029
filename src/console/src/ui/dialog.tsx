import { useEffect, useId, useRef } from 'react'
import type { ReactNode } from 'react'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'

interface Props {
  title: string
  children: ReactNode
  /** Called by Escape and by the cross. Without it the dialog can only be left by what it asks for. */
  onClose?: () => void
}

/** A modal dialog: open as long as it is mounted. The focus goes in, and back to where it was. */
export function Dialog({ title, children, onClose }: Props) {
  const t = useWords(coreWords)
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    const before = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
    >
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
        {onClose !== undefined && (
          <button type="button" className="button button-quiet" aria-label={t('close')} onClick={onClose}>
            <span aria-hidden="true">×</span>
          </button>
        )}
      </header>
      <div className="stack">{children}</div>
    </dialog>
  )
}

import { useId } from 'react'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { Button } from './button.tsx'
import { Copy } from './copy.tsx'
import { Dialog } from './dialog.tsx'

interface Props {
  title: string
  detail: string
  secret: string
  onTaken: () => void
}

/** A secret that is shown this once, so the dialog can only be left by saying that it was taken. */
export function SecretDialog({ title, detail, secret, onTaken }: Props) {
  const t = useWords(coreWords)
  const id = useId()
  return (
    <Dialog title={title}>
      <p>{detail}</p>
      <label className="field" htmlFor={id}>
        <span className="field-label">{t('secret')}</span>
        <input
          id={id}
          className="mono"
          readOnly
          value={secret}
          autoComplete="off"
          spellCheck={false}
          onFocus={({ target }) => target.select()}
        />
      </label>
      <div className="dialog-actions">
        <Copy text={secret} />
        <Button kind="primary" onClick={onTaken}>
          {t('secret_taken')}
        </Button>
      </div>
    </Dialog>
  )
}

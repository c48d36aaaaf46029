import { useId, useState } from 'react'
import type { FormEvent } from 'react'
import { ApiProblem } from '../api/problem.ts'
import { Button } from '../ui/button.tsx'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { signIn } from './session.ts'

/** The form that exchanges a key for a session. */
export function SignInForm({ onDone }: { onDone?: () => void }) {
  const t = useWords(coreWords)
  const id = useId()
  const [key, setKey] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  async function submit(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    setFault(null)
    try {
      await signIn({ key: key.trim() })
      onDone?.()
    } catch (error) {
      setFault(error instanceof ApiProblem ? error.message : t('unexpected'))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <label className="field" htmlFor={id}>
        <span className="field-label">{t('api_key')}</span>
        <input
          id={id}
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          required
          value={key}
          aria-describedby={`${id}-hint`}
          aria-invalid={fault !== null}
          onChange={(event) => setKey(event.target.value)}
        />
      </label>
      <p id={`${id}-hint`} className="mute small">
        {t('api_key_hint')}
      </p>
      {fault !== null && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
      <Button kind="primary" type="submit" isBusy={isBusy}>
        {t('sign_in')}
      </Button>
    </form>
  )
}

export function SignInScreen() {
  const t = useWords(coreWords)
  return (
    <main className="sign-in">
      <div className="panel">
        <h1>{t('sign_in_title')}</h1>
        <SignInForm />
      </div>
    </main>
  )
}

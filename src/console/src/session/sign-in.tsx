import { useId, useState } from 'react'
import type { FormEvent } from 'react'
import { useProblemText } from '../api/use-problem-text.ts'
import { Button } from '../ui/button.tsx'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { signIn, useSession } from './session.ts'

/** The form that exchanges a key for a session. */
export function SignInForm({ onDone }: { onDone?: () => void }) {
  const t = useWords(coreWords)
  const textOf = useProblemText()
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
      setFault(textOf(error))
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
  const textOf = useProblemText()
  const session = useSession()
  const problem = session.state === 'signed_out' ? session.problem : undefined
  return (
    <main className="sign-in">
      <div className="panel">
        <h1>{t('sign_in_title')}</h1>
        {problem !== undefined && (
          <p className="notice" role="status">
            {textOf(problem)}
          </p>
        )}
        <SignInForm />
      </div>
    </main>
  )
}

import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { useProblemText } from '../api/use-problem-text.ts'
import { signOut } from '../session/session.ts'
import type { Session } from '../session/session.ts'
import { Button } from '../ui/button.tsx'
import { coreWords } from '../words/core.ts'
import { useLanguage, useWords } from '../words/language.tsx'
import { ThemeChoice } from './theme-choice.tsx'

/** Who one is, with language, theme and sign-out. */
export function Account({ session }: { session: Session }) {
  const t = useWords(coreWords)
  const id = useId()
  const { language, setLanguage } = useLanguage()
  const other = language === 'en' ? 'zh-Hant' : 'en'
  return (
    <div className="account">
      <button type="button" className="button button-quiet account-who" popoverTarget={id}>
        <bdi>{session.tenant}</bdi> / <bdi>{session.key}</bdi>
      </button>
      <div id={id} popover="auto" className="popover account-menu">
        <Button kind="quiet" lang={other} onClick={() => setLanguage(other)}>
          {t('other_language')}
        </Button>
        <ThemeChoice />
        <Link to="/settings" className="button button-quiet">
          {t('settings')}
        </Link>
        <SignOut />
      </div>
    </div>
  )
}

function SignOut() {
  const t = useWords(coreWords)
  const textOf = useProblemText()
  const [fault, setFault] = useState<string | null>(null)
  async function leave() {
    setFault(null)
    try {
      await signOut()
    } catch (error) {
      setFault(textOf(error))
    }
  }
  return (
    <>
      <Button kind="quiet" onClick={() => void leave()}>
        {t('sign_out')}
      </Button>
      {fault !== null && (
        <p role="alert" className="fault small">
          {fault}
        </p>
      )}
    </>
  )
}

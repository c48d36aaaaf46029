import { useQueryClient } from '@tanstack/react-query'
import { Dialog } from '../ui/dialog.tsx'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { useSession } from './session.ts'
import { SignInForm } from './sign-in.tsx'

/** Asks to sign in again over the page, which stays as it is with everything that was typed. */
export function ExpiredDialog() {
  const t = useWords(coreWords)
  const { state } = useSession()
  const cache = useQueryClient()
  if (state !== 'expired') return null
  return (
    <Dialog title={t('expired_title')}>
      <p>{t('expired_detail')}</p>
      {/* What could not be read meanwhile is asked for again. */}
      <SignInForm onDone={() => void cache.invalidateQueries()} />
    </Dialog>
  )
}

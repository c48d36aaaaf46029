import { Outlet } from '@tanstack/react-router'
import { Suspense } from 'react'
import { Shortcuts } from '../keyboard/shortcuts.tsx'
import { LiveStream } from '../live/live-stream.tsx'
import { ExpiredDialog } from '../session/expired-dialog.tsx'
import { useSession } from '../session/session.ts'
import { SignInScreen } from '../session/sign-in.tsx'
import { Bones } from '../ui/panel.tsx'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { Account } from './account.tsx'
import { ScreenErrors } from './screen-errors.tsx'
import { MainMenu, PhoneMenu } from './menu.tsx'

/** The frame of every screen; signed out, it is the sign-in. */
export function Shell() {
  const t = useWords(coreWords)
  const { state, session } = useSession()
  if (state === 'loading') return null
  if (session === null) return <SignInScreen />
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="top">
        <span className="brand">
          <span className="brand-mark" aria-hidden="true" />
          {t('product')}
        </span>
        <MainMenu scopes={session.scopes} />
        <Account session={session} />
      </header>
      <main id="content" className="page" tabIndex={-1}>
        <ScreenErrors>
          <Suspense fallback={<Bones lines={8} />}>
            <Outlet />
          </Suspense>
        </ScreenErrors>
      </main>
      <PhoneMenu scopes={session.scopes} />
      <Shortcuts />
      {state === 'signed_in' && <LiveStream />}
      <ExpiredDialog />
    </>
  )
}

import { Link } from '@tanstack/react-router'
import { useId, useRef } from 'react'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { isOnPhones, screensFor } from './screens.ts'
import type { Screen } from './screens.ts'

function ScreenLink({ screen, onClick }: { screen: Screen; onClick?: () => void }) {
  const t = useWords(coreWords)
  return (
    <Link to={screen.to} className="menu-link" activeOptions={{ exact: screen.to === '/' }} onClick={onClick}>
      {t(screen.word)}
    </Link>
  )
}

/** The menu of wide windows. */
export function MainMenu({ scopes }: { scopes: readonly string[] }) {
  const t = useWords(coreWords)
  return (
    <nav className="menu" aria-label={t('main_menu')}>
      {screensFor(scopes).map((screen) => (
        <ScreenLink key={screen.to} screen={screen} />
      ))}
    </nav>
  )
}

/** The menu at the bottom of a phone: four screens, the others behind More. */
export function PhoneMenu({ scopes }: { scopes: readonly string[] }) {
  const t = useWords(coreWords)
  const id = useId()
  const more = useRef<HTMLDivElement>(null)
  const allowed = screensFor(scopes)
  const close = () => more.current?.hidePopover()
  return (
    <nav className="phone-menu" aria-label={t('main_menu')}>
      {allowed.filter(isOnPhones).map((screen) => (
        <ScreenLink key={screen.to} screen={screen} />
      ))}
      <button type="button" className="menu-link" popoverTarget={id}>
        {t('more')}
      </button>
      <div ref={more} id={id} popover="auto" className="popover phone-more">
        {allowed
          .filter((screen) => !isOnPhones(screen))
          .map((screen) => (
            <ScreenLink key={screen.to} screen={screen} onClick={close} />
          ))}
        <Link to="/settings" className="menu-link" onClick={close}>
          {t('settings')}
        </Link>
      </div>
    </nav>
  )
}

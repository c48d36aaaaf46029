import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { Dialog } from '../ui/dialog.tsx'
import { useWords } from '../words/language.tsx'
import { useKeys } from './use-keys.ts'
import { keyboardWords } from './words/keyboard-words.ts'

/** After `g`, within this time. */
const sequenceMs = 1500

const goes = {
  o: '/',
  s: '/studio',
  g: '/generations',
  c: '/characters',
  u: '/upstreams',
  m: '/money',
} as const

function isGoKey(key: string): key is keyof typeof goes {
  return key in goes
}

/** The shortcuts that work on every screen, and their list behind `?`. */
export function Shortcuts() {
  const navigate = useNavigate()
  const [isOpen, setOpen] = useState(false)
  const wentAt = useRef(-sequenceMs)
  // When the keys were pressed counts, not when a busy page came to them.
  function go(key: string, { timeStamp }: KeyboardEvent): unknown {
    const isSecond = timeStamp - wentAt.current < sequenceMs
    if (key === 'g' && !isSecond) {
      wentAt.current = timeStamp
      return true
    }
    if (!isSecond || !isGoKey(key)) return false
    wentAt.current = -sequenceMs
    void navigate({ to: goes[key] })
    return true
  }
  useKeys({
    '?': () => setOpen(true),
    ...Object.fromEntries(Object.keys(goes).map((key) => [key, (event: KeyboardEvent) => go(key, event)])),
  })
  return isOpen ? <ShortcutList onClose={() => setOpen(false)} /> : null
}

const rows = [
  { keys: ['?'], word: 'help' },
  { keys: ['g', 'o'], word: 'go_overview' },
  { keys: ['g', 's'], word: 'go_studio' },
  { keys: ['g', 'g'], word: 'go_generations' },
  { keys: ['g', 'c'], word: 'go_characters' },
  { keys: ['g', 'u'], word: 'go_upstreams' },
  { keys: ['g', 'm'], word: 'go_money' },
  { keys: ['/'], word: 'search' },
  { keys: ['j', 'k'], word: 'rows' },
  { keys: ['Enter'], word: 'open' },
  { keys: ['x'], word: 'select' },
  { keys: ['Esc'], word: 'back' },
  { keys: ['[', ']'], word: 'neighbours' },
  { keys: ['l'], word: 'live' },
  { keys: ['@'], word: 'mention' },
  { keys: ['Ctrl', 'Enter'], word: 'send' },
  { keys: [',', '.'], word: 'frames' },
] as const

function ShortcutList({ onClose }: { onClose: () => void }) {
  const t = useWords(keyboardWords)
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <dl className="shortcuts">
        {rows.map(({ keys, word }) => (
          <div key={word}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
      </dl>
      <p className="mute small">{t('off_hint')}</p>
    </Dialog>
  )
}

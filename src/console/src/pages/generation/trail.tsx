import { Link, useCanGoBack, useNavigate, useRouter } from '@tanstack/react-router'
import { useKeys } from '../../keyboard/use-keys.ts'
import { useWords } from '../../words/language.tsx'
import { noteOpened } from '../generations/use-row-keys.ts'
import { useNeighbours } from './queries.ts'
import { generationWords } from './words.ts'

/** The way back to the list, and to the generations before and after this one: `Escape`, `[` and `]`. */
export function Trail({ id }: { id: string }) {
  const t = useWords(generationWords)
  const navigate = useNavigate()
  const router = useRouter()
  const canGoBack = useCanGoBack()
  const { older = null, newer = null } = useNeighbours(id).data ?? {}
  const open = (other: string | null) => {
    // In the place of this one, so that one step back still leads to the list.
    if (other !== null) void navigate({ to: '/generations/$id', params: { id: other }, replace: true })
  }
  useKeys({
    '[': () => open(older),
    ']': () => open(newer),
    Escape: () => {
      // It closes an open menu first.
      if (document.querySelector(':popover-open') !== null) return false
      noteOpened(id)
      if (canGoBack) router.history.back()
      else void navigate({ to: '/generations' })
      return true
    },
  })
  return (
    <nav className="trail" aria-label={t('all_generations')}>
      <Link to="/generations">
        <span aria-hidden="true">← </span>
        {t('all_generations')}
      </Link>
      <span className="trail-beside">
        {older !== null && (
          <Link to="/generations/$id" params={{ id: older }} replace title={t('older_key')}>
            {t('older')}
          </Link>
        )}
        {newer !== null && (
          <Link to="/generations/$id" params={{ id: newer }} replace title={t('newer_key')}>
            {t('newer')}
          </Link>
        )}
      </span>
    </nav>
  )
}

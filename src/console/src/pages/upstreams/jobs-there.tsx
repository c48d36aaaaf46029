import { useQuery } from '@tanstack/react-query'
import { useWords } from '../../words/language.tsx'
import { jobsQuery } from './queries.ts'
import { upstreamWords } from './words.ts'

const underWay = ['binding', 'submitting', 'running', 'archiving'] as const

/** How many jobs are under way there now. */
export function JobsThere({ id }: { id: string }) {
  const t = useWords(upstreamWords)
  const { data } = useQuery(jobsQuery(id))
  if (data === undefined) return null
  const n = underWay.reduce((sum, state) => sum + (data.by_attempt_state[state] ?? 0), 0)
  return <p>{n === 0 ? t('no_jobs_there') : t('jobs_there', { n })}</p>
}

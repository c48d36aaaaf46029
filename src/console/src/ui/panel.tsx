import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { ApiProblem } from '../api/problem.ts'
import { useProblemText } from '../api/use-problem-text.ts'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { Button } from './button.tsx'

/** The states of a query that a panel shows; what TanStack Query's `useQuery` returns has them. */
interface Asked<Data> {
  data: Data | undefined
  error: Error | null
  isPending: boolean
  refetch: () => unknown
}

interface Props<Data> {
  query: Asked<Data>
  /** How many lines the content will about have, so that nothing jumps when it comes. */
  bones?: number
  children: (data: Data) => ReactNode
}

/** Bones while it loads, the content, or why there is none. Old content stays under an error. */
export function Loaded<Data>({ query, bones = 5, children }: Props<Data>) {
  const { data, error, isPending, refetch } = query
  return (
    <>
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && children(data)}
      {isPending && error === null && <Bones lines={bones} />}
    </>
  )
}

/** Grey lines of the final height; nothing in the first 150 ms. */
export function Bones({ lines }: { lines: number }) {
  const t = useWords(coreWords)
  const [isVisible, setVisible] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setVisible(true), 150)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className={isVisible ? 'bones' : 'bones bones-hidden'} aria-busy="true">
      <span className="visually-hidden">{t('loading')}</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="bone" />
      ))}
    </div>
  )
}

/** Why something could not be read or done: the words of the gateway, its code and the request. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const t = useWords(coreWords)
  const textOf = useProblemText()
  const problem = error instanceof ApiProblem ? error : null
  return (
    <div className="failure" role="alert">
      <p>{textOf(error)}</p>
      {problem !== null && (
        <p className="small mute">
          <code>{problem.code}</code>
          {problem.requestId !== null && <> · {t('request_id', { id: problem.requestId })}</>}
        </p>
      )}
      {retry !== undefined && <Button onClick={retry}>{t('try_again')}</Button>}
    </div>
  )
}

/** What will appear here, and the one thing that makes it appear. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  )
}

/** Said once per page, in the place of what the key may not see or do. */
export function Forbidden({ scope }: { scope: string }) {
  const t = useWords(coreWords)
  return <p className="notice">{t('forbidden', { scope })}</p>
}

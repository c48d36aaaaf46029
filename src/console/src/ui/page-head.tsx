import { useEffect } from 'react'
import type { ReactNode } from 'react'

/** The title of a screen, also of the tab, with what belongs beside it. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Understudy`
  }, [title])
  return (
    <header className="page-head">
      <h1>{title}</h1>
      <div className="page-head-more">{children}</div>
    </header>
  )
}

import { useId } from 'react'
import type { ReactNode } from 'react'

/** One section of the settings. `more` stands beside its title. */
export function Part({
  title,
  detail,
  more,
  children,
}: {
  title: string
  detail?: string
  more?: ReactNode
  children: ReactNode
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="settings-part">
      <header className="settings-head">
        <div>
          <h2 id={id}>{title}</h2>
          {detail !== undefined && <p className="mute small">{detail}</p>}
        </div>
        {more}
      </header>
      {children}
    </section>
  )
}

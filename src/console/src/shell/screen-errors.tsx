import { useRouterState } from '@tanstack/react-router'
import { Component } from 'react'
import type { ReactNode } from 'react'
import { Empty } from '../ui/panel.tsx'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'

interface Props {
  children: ReactNode
  fallback: ReactNode
}

class Boundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    return this.state.hasFailed ? this.props.fallback : this.props.children
  }
}

function Crashed() {
  const t = useWords(coreWords)
  return (
    <Empty title={t('crashed_title')}>
      <p>{t('unexpected')}</p>
    </Empty>
  )
}

/** A screen that throws takes neither the menu nor the next screen with it. */
export function ScreenErrors({ children }: { children: ReactNode }) {
  const path = useRouterState({ select: ({ location }) => location.pathname })
  return (
    <Boundary key={path} fallback={<Crashed />}>
      {children}
    </Boundary>
  )
}

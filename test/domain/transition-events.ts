import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { attemptId, aVideo } from './builders.ts'
import type { Story } from './builders.ts'

export const notFound: JobReport = { type: 'not_found', message: 'no such job' }
export const fallback = { onUnknown: 'fallback' } as const

export function nothing(type: 'unreadable' | 'unreachable'): JobReport {
  return type === 'unreadable'
    ? { type, message: 'not JSON' }
    : { type, message: 'connect timeout', retryAfterMs: null }
}

export function archive(story: Story, number: number): void {
  story.tell({ type: 'archived', attemptId: attemptId(number), video: aVideo() })
}

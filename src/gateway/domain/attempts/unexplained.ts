import type { JobReport } from './outcome.ts'

/** The same report with an unexplained failure, certain or apparent, that no other upstream is asked after. */
export function withoutFallback(report: JobReport): JobReport {
  if (report.type === 'failed' && report.unexplained === true) return { ...report, retryable: false }
  if (report.type !== 'running' || report.apparent?.type !== 'failed') return report
  const { apparent } = report
  return apparent.unexplained === true ? { ...report, apparent: { ...apparent, retryable: false } } : report
}

import type { Row } from './queries.ts'

const columns = [
  'id',
  'created_at',
  'completed_at',
  'tenant',
  'key',
  'status',
  'error',
  'model',
  'duration_seconds',
  'size',
  'upstreams',
  'cost_usd',
  'reserved_cost_usd',
  'has_video',
  'shot',
  'prompt',
] as const

function valuesOf(row: Row): Record<(typeof columns)[number], string | number | null> {
  return {
    id: row.id,
    created_at: row.created_at,
    completed_at: row.completed_at,
    tenant: row.tenant,
    key: row.key,
    status: row.status,
    error: row.error?.code ?? null,
    model: row.model,
    duration_seconds: row.duration,
    size: row.size,
    upstreams: row.attempts.map(({ upstream }) => upstream).join(' > '),
    cost_usd: row.cost_usd,
    reserved_cost_usd: row.reserved_cost_usd,
    has_video: row.video === null ? 'no' : 'yes',
    shot: row.metadata['shot'] ?? null,
    prompt: row.prompt,
  }
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** As RFC 4180 has it, with a byte order mark so that spreadsheets read it as UTF-8. */
export function csvOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const values = valuesOf(row)
    return columns.map((column) => cell(values[column])).join(',')
  })
  return `\uFEFF${[columns.join(','), ...lines].join('\r\n')}\r\n`
}

export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

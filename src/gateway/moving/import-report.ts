import type { ImportReport } from './import-installation.ts'

/** More than these are counted. */
const mostShown = 20

/** What an import comes to, as a table for people: each row says what the export has, and what arrived. */
export function importLines({
  tables,
  differing,
  media,
  mediaListed,
  wasComplete,
  moved,
}: ImportReport): string[] {
  const rows = tables.map(({ copy, server }) => [
    copy.name,
    String(copy.rows),
    String(server.rows),
    copy.micros === 0n && server.micros === 0n ? '' : usd(copy.micros),
    copy.micros === 0n && server.micros === 0n ? '' : usd(server.micros),
    differing.includes(copy.name) ? 'NO' : 'yes',
  ])
  const files = ['media files', String(mediaListed), String(media.files), '', '']
  const table = aligned([
    ['', 'exported', 'imported', 'amounts in USD', 'imported', 'equal'],
    ...rows,
    [...files, media.problems.length === 0 ? 'yes' : 'NO'],
  ])
  return [...table, '', ...mediaLines(media), ...conclusion({ differing, media, wasComplete, moved })]
}

export function isEqual({ differing, media }: Pick<ImportReport, 'differing' | 'media'>): boolean {
  return differing.length === 0 && media.problems.length === 0
}

function mediaLines({ bytes, kept, problems }: ImportReport['media']): string[] {
  const shown = problems.slice(0, mostShown)
  const more = problems.length - shown.length
  return [
    `Media: ${bytes} bytes; ${kept} files were there already.`,
    ...shown,
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
}

function conclusion({
  differing,
  media,
  wasComplete,
  moved,
}: Pick<ImportReport, 'differing' | 'media' | 'wasComplete' | 'moved'>): string[] {
  if (differing.length > 0 && wasComplete)
    return ['This import had ended before. What differs was changed since, by a gateway that worked on it.']
  if (differing.length > 0)
    return ['The rows are not equal, and no gateway starts from them. Import into a new, empty database.']
  if (media.problems.length > 0)
    return [
      'Some media files did not arrive. Bring them back into the export, and run the same command again.',
    ]
  return [
    'Everything is equal. Start the gateway: it sends nothing until POST /operations/release.',
    ...(moved ? [] : ['The original was not held by the export. Stop it before you release this one.']),
  ]
}

function usd(micros: bigint): string {
  const sign = micros < 0n ? '-' : ''
  const positive = micros < 0n ? -micros : micros
  return `${sign}${positive / 1_000_000n}.${String(positive % 1_000_000n).padStart(6, '0')}`
}

function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}

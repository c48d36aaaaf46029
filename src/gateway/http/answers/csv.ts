export type Cell = string | number | boolean | null

/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection). */
const formula = /^[=+\-@\t\r\n＝＋－＠]/

/** Text is never a formula: a quote before it keeps it text. Numbers are the gateway's own and stay numbers. */
function cellOf(value: Cell): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One line of CSV (RFC 4180), with its line break. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

/** Whether a caller who may have several forms of an answer wants it as this one; a `format` that is said goes first. */
export function wantsFormat(
  format: string | undefined,
  name: string,
  accept: string | undefined,
  mediaType: string,
): boolean {
  return format === undefined ? accept?.includes(mediaType) === true : format === name
}

/** A table for people: columns as wide as their widest cell, figures to the right, no lines. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = head.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  )
  const figures = head.map(
    (_title, index) => rows.length > 0 && rows.every((row) => isFigure(row[index] ?? '')),
  )
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, index) =>
          figures[index] === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function isFigure(cell: string): boolean {
  return /^[-$]?\$?[\d.,]+(?: ?(?:s|%|B|KB|MB))?$/.test(cell) || cell === '–'
}

export function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`
}

/** Names and values, one pair a line. */
export function facts(pairs: ReadonlyArray<readonly [string, string]>): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

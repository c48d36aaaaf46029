import Table from 'cli-table3'

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** A table for display: columns as wide as their widest cell, numbers aligned right, no borders. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const lines = new Table({
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_title, index) =>
      rows.length > 0 && rows.every((row) => isFigure(row[index] ?? '')) ? 'right' : 'left',
    ),
  })
  // The titles are a regular row, so that they are aligned like their columns.
  lines.push([...head], ...rows.map((row) => [...row]))
  return lines.toString().replaceAll(/ +$/gm, '')
}

function isFigure(cell: string): boolean {
  return /^[-$]?\$?[\d.,]+(?: ?(?:s|%|B|KB|MB))?$/.test(cell) || cell === '–'
}

export function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`
}

/** Names and values, one pair per line. */
export function facts(pairs: ReadonlyArray<readonly [string, string]>): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

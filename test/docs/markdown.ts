/** A page without its code blocks. */
function prose(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, '')
}

/**
 * The anchors of a page, by GitHub's rules: lower case, without punctuation, hyphens for spaces, and a number after a
 * repeated one.
 */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of prose(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

/** The targets of the links of a page, except other hosts. */
export function linksOf(text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, target = '']) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  )
}

/** The first table after the first line that starts like this. */
export function tableUnder(text: string, start: string): { header: string[]; rows: string[][] } {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.startsWith(start))
  if (from === -1) throw new Error(`no line starts with ${start}`)
  const first = lines.findIndex((line, index) => index > from && line.startsWith('|'))
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  const cells = lines.slice(first, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const [header = [], , ...rows] = cells
  return { header, rows }
}

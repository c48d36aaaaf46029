import type { OutlineUpstream } from '../document/outline.ts'
import type { Path } from '../document/config-problem.ts'
import type { DialectPaths, InlineDialects, KnownDialects } from '../settings.ts'
import type { Findings } from './findings.ts'
import { warn } from './findings.ts'

/**
 * Warns of an address whose path is repeated by the dialect (`/v1` + `/v1/videos`), and of one without the path that servers of
 * the dialect usually have. Both answer every call with 404, so the mistake would look like an outage.
 */
export function checkBaseUrl(
  { base_url: baseUrl, dialect }: OutlineUpstream,
  path: Path,
  { known, inline }: { known: KnownDialects; inline: InlineDialects | undefined },
  findings: Findings,
): void {
  if (baseUrl === undefined || dialect === undefined) return
  const named = typeof dialect === 'string' && Object.hasOwn(known, dialect) ? known[dialect] : undefined
  const paths = typeof dialect === 'string' ? named?.paths?.() : inline?.pathsOf(dialect)
  if (paths === undefined) return
  const { pathname } = new URL(baseUrl)
  const repeated = repeatedPath(pathname, paths.create)
  // The paths of an inline description are values of the file, which reports never repeat.
  const quoted = (value: string) => (named === undefined ? '' : ` \`${value}\``)
  const at = [...path, 'base_url']
  if (repeated !== null)
    warn(findings, at, `ends with the path${quoted(repeated)} that the dialect adds to it; remove it here`)
  else if (paths.base !== null && segmentsOf(pathname).length === 0)
    warn(findings, at, `has no path; servers of this dialect usually have one${quoted(paths.base)}; add it`)
}

/** The longest end of `base` that `call` begins with; null if there is none. A segment with a placeholder never counts. */
export function repeatedPath(base: string, call: DialectPaths['create']): string | null {
  const before = segmentsOf(base)
  const after = segmentsOf(call)
  for (let length = Math.min(before.length, after.length); length > 0; length -= 1) {
    const end = before.slice(-length)
    if (end.every((segment, index) => segment === after[index] && !segment.includes('{')))
      return `/${end.join('/')}`
  }
  return null
}

function segmentsOf(path: string): string[] {
  return (path.split('?')[0] ?? '').split('/').filter((segment) => segment !== '')
}

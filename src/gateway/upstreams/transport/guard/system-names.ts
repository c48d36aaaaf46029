import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'

/** Addresses by lower-case name, from a hosts file. */
export type Hosts = ReadonlyMap<string, readonly string[]>

/** The rules of `resolv.conf` for names that are not fully qualified. */
export interface SearchRules {
  domains: readonly string[]
  /** Names with fewer dots are first looked up in the search domains. */
  ndots: number
}

/** How long the content of a file is reused. It changes with a DHCP lease, a VPN or an edit. */
const freshMs = 5000
/** The limit of glibc. */
const mostDomains = 6
const mostDots = 15

export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = words(line, /#.*/)
    if (isIP(address) === 0) continue
    for (const name of names.map((each) => each.toLowerCase())) {
      const addresses = hosts.get(name) ?? []
      if (!addresses.includes(address)) hosts.set(name, [...addresses, address])
    }
  }
  return hosts
}

export function parseSearchRules(text: string): SearchRules {
  let domains: string[] = []
  let ndots = 1
  for (const line of text.split('\n')) {
    const [keyword, ...values] = words(line, /[#;].*/)
    if (keyword === 'search' || keyword === 'domain') domains = values.slice(0, mostDomains)
    if (keyword !== 'options') continue
    for (const value of values) {
      const found = /^ndots:(\d+)$/.exec(value)?.[1]
      if (found !== undefined) ndots = Math.min(Number(found), mostDots)
    }
  }
  return { domains: domains.map((each) => each.toLowerCase().replace(/\.$/, '')).filter(Boolean), ndots }
}

/** The names to look up, in order, until one exists. A trailing dot marks a fully qualified name. */
export function candidates(host: string, { domains, ndots }: SearchRules): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)]
  const dots = host.split('.').length - 1
  const searched = domains.map((domain) => `${host}.${domain}`)
  return dots >= ndots ? [host, ...searched] : [...searched, host]
}

/**
 * The parsed content of a file, read again after a change; checks for one every five seconds at most. `onChange` is
 * called when the content differs. A file that cannot be read counts as empty.
 */
export function createFileView<Content>(options: {
  file: string
  parse: (text: string) => Content
  onChange?: () => void
  /** Monotonic milliseconds. */
  now?: () => number
}): () => Promise<Content> {
  const { file, parse, onChange, now = () => performance.now() } = options
  let lookedAt = -Infinity
  let version: string | undefined
  let content = empty()

  async function empty(): Promise<Content> {
    return parse('')
  }

  async function look(before: Promise<Content>): Promise<Content> {
    const next = await versionOf(file)
    if (next === version) return before
    const isFirst = version === undefined
    version = next
    const said = parse(await readFile(file, 'utf8').catch(() => ''))
    if (!isFirst) onChange?.()
    return said
  }

  return () => {
    if (now() - lookedAt >= freshMs) {
      lookedAt = now()
      content = look(content)
    }
    return content
  }
}

async function versionOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs}-${size}-${ino}`
  } catch {
    return 'absent'
  }
}

function words(line: string, comment: RegExp): string[] {
  return line.replace(comment, '').trim().split(/\s+/)
}

/** Searches everything that a gateway outputs for secrets. */
export interface LeakWatch {
  /** Adds texts that must not appear from now on. */
  add(...secrets: string[]): void
  /** Adds texts that may only appear in debug lines. */
  addPrivate(...texts: string[]): void
  /** Searches a text; `where` is its source. */
  look(where: string, text: string | Buffer): void
  /** Searches one line of the log, and counts it. */
  line(text: string): void
  lines(): number
  /** The sources of leaked secrets, without the secrets. */
  found: string[]
}

export function createLeakWatch(first: readonly string[]): LeakWatch {
  const secrets = new Set(first)
  const privates = new Set<string>()
  const found: string[] = []
  let lines = 0

  function look(where: string, text: string | Buffer): void {
    for (const secret of secrets) {
      if (text.includes(secret)) found.push(`${where}: …${secret.slice(-4)}`)
    }
  }

  return {
    add(...more) {
      for (const secret of more) secrets.add(secret)
    },
    addPrivate(...texts) {
      for (const text of texts) privates.add(text)
    },
    look,
    line(text) {
      lines += 1
      const debugs = /^\{"level":(10|20),/.test(text)
      for (const each of privates)
        if (!debugs && text.includes(each)) found.push(`log line ${text.slice(0, 200)}`)
      look(`log line ${text.slice(0, 200)}`, text)
    },
    lines: () => lines,
    found,
  }
}

/** Looks through everything that a gateway says for what nobody may learn from it. */
export interface LeakWatch {
  /** Adds what must not be said any more. */
  add(...secrets: string[]): void
  /** Adds what only lines for debugging may say. */
  addPrivate(...texts: string[]): void
  /** Looks through a text; `where` says where it was said. */
  look(where: string, text: string | Buffer): void
  /** Looks through one line of the log, and counts it. */
  line(text: string): void
  lines(): number
  /** Where a secret was said, without it. */
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

/** What differs from one run to the next, although nothing of it matters, by the name of the member. */
const fixed: Record<string, unknown> = {
  address: '192.0.2.17',
  bytes: 4_194_304,
  configuration_digest: '9f86d081884c',
  digest: '9f86d081884c7d65',
  duration_ms: 42,
  hint: 'x9Qa',
  latency_seconds: 3,
  milliseconds: 42,
  ms: 42,
  request_id: 'req_6f1c5c0e-8a3e-4b0a-9d53-0c8a7b3f2f11',
  secret: 'und_q1Zk0Tn2m8rJ5vX3bL7cW9yH4sG6dF0aP2eU8iO1x9Qa',
  ticket: 'WyJrZXlfMDFr.c2lnbmF0dXJl',
  version: '1.0.0',
}

const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** As an ID has it: ten digits of a time, and 16 that count. */
function numbered(count: number): string {
  const tail = [count >> 10, count >> 5, count].map((each) => digits[each & 31] ?? '0').join('')
  return `01kasp3v5t0000000000000${tail}`
}

/**
 * The same answer in every run: IDs are numbered in the order in which they are first seen, and what comes of chance, of the
 * machine or of its speed is replaced.
 */
export function createSettle(origins: { gateway: string; simulator: string }): (answer: unknown) => unknown {
  const ids = new Map<string, string>()
  const jobs = new Map<string, string>()

  function text(from: string): string {
    const plain = from
      .replaceAll(origins.gateway, 'https://gateway.example')
      .replaceAll(origins.simulator, 'https://media.example')
      .replace(/\/(media|sheets)\/[\w-]+\.[\w-]{43}/g, '/$1/WyJnZW5fMDFr.c2lnbmF0dXJl')
      .replace(/ticket=[\w.-]+/g, 'ticket=WyJrZXlfMDFr.c2lnbmF0dXJl')
      // As a reseller names a character.
      .replace(/\bchar_[0-9a-f]{16}\b/g, 'char_be669ee499ccecc4')
      // As a node, an answer of a vendor and its time are named.
      .replace(/\b[\w.-]+-\d+-\d{13}-[0-9a-f]{8}\b/g, 'gateway-1-1795359845000-9f86d081')
      .replace(/\breq_[0-9a-f]{32}\b/g, 'req_9f86d081884c7d659a2feaa0c55ad015')
      .replace(/\b\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\b/g, 'Sun, 22 Nov 2026 15:04:44 GMT')
      .replace(/\bwhsec_[\w+/=]+/g, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0Jq1lT4s5uE=')
      .replace(/\b[0-9a-f]{64}\b/g, sha256)
      .replace(/\b([a-z]{2,5})_([0-9a-z]{26})(?![0-9a-z])/g, (_, kind: string, ulid: string) => {
        const known = ids.get(ulid) ?? numbered(ids.size + 1)
        ids.set(ulid, known)
        return `${kind}_${known}`
      })
    let told = plain
    for (const [job, name] of jobs) told = told.replaceAll(job, name)
    return told
  }

  function settle(value: unknown, name = ''): unknown {
    if (name === 'upstream_id' && typeof value === 'string') {
      const known = jobs.get(value) ?? `job_${jobs.size + 1}`
      jobs.set(value, known)
      return known
    }
    if (name in fixed && value !== null && typeof value === typeof fixed[name]) return fixed[name]
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map((each) => settle(each))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([each, member]) => [each, settle(member, each)]))
  }
  return (answer) => settle(answer)
}

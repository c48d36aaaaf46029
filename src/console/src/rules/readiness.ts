export interface Check {
  name: string
  isOk: boolean
  detail: string | null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** The checks of `GET /health/ready`, whatever its status; null if it is no answer of the gateway. */
export function readinessOf(body: unknown): Check[] | null {
  if (!isRecord(body) || !Array.isArray(body['checks'])) return null
  return body['checks'].filter(isRecord).map(({ name, ok, detail }) => ({
    name: String(name),
    isOk: ok === true,
    detail: typeof detail === 'string' ? detail : null,
  }))
}

/** What keeps the gateway from being ready, and whether a restore holds its work. */
export function troubleOf(checks: readonly Check[]): { failing: Check[]; restore: Check | null } {
  return {
    failing: checks.filter(({ isOk }) => !isOk),
    restore: checks.find(({ name, detail }) => name === 'restore' && detail !== null) ?? null,
  }
}

/** One fault of a field, with a JSON pointer into the body. */
export interface FieldFault {
  pointer: string
  detail: string
}

/** A call that the gateway did not do, or did not answer; shown to a person as it is. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  /** 0 when no answer came. */
  readonly status: number
  /** Stable; `unreachable` when no answer came, `unreadable` when it is not the gateway's own. */
  readonly code: string
  readonly requestId: string | null
  readonly faults: readonly FieldFault[]
  /** Members beside those of every problem, such as amounts. */
  readonly more: Readonly<Record<string, unknown>>

  constructor(
    detail: string,
    about: Partial<Pick<ApiProblem, 'status' | 'code' | 'requestId' | 'faults' | 'more'>>,
  ) {
    super(detail)
    this.status = about.status ?? 0
    this.code = about.code ?? 'unreachable'
    this.requestId = about.requestId ?? null
    this.faults = about.faults ?? []
    this.more = about.more ?? {}
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function faultsOf(value: unknown): FieldFault[] {
  if (!Array.isArray(value)) return []
  return value.filter(isRecord).map(({ pointer, detail }) => ({
    pointer: textOf(pointer) ?? '',
    detail: textOf(detail) ?? '',
  }))
}

/** Reads problem+json (RFC 9457), and whatever stands there instead. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const { status } = response
  const requestId = response.headers.get('x-request-id')
  try {
    const body: unknown = await response.clone().json()
    if (isRecord(body) && typeof body['detail'] === 'string') {
      const { code, request_id: id, errors, ...more } = body
      return new ApiProblem(body['detail'], {
        status,
        code: textOf(code) ?? 'unreadable',
        requestId: textOf(id) ?? requestId,
        faults: faultsOf(errors),
        more,
      })
    }
  } catch {
    // Not JSON: what answers is not the gateway, such as a proxy before it.
  }
  return new ApiProblem(`The answer has status ${status} and is not the gateway's own.`, {
    status,
    code: 'unreadable',
    requestId,
  })
}

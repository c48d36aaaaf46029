import type { Json } from '../../domain/json.ts'
import type { Part } from './bodies/multipart.ts'

/** One call of an upstream's API. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'DELETE'
  /** Path and query below the base URL, percent-encoded, starting with `/`. */
  path: string
  /** `parent`: below the base URL without the last segment of its path, for vendors whose endpoints lie side by side. */
  below?: 'parent' | undefined
  /** A POST that only asks, such as some vendors' polls. */
  asks?: true
  /** Beyond those that every call has. */
  headers?: Record<string, string>
  body: { type: 'json'; value: Json } | { type: 'multipart'; parts: Part[] } | null
}

import type { Json } from '../../domain/json.ts'
import type { EmbeddedFile } from './bodies/embedded-files.ts'
import type { Part } from './bodies/multipart.ts'

/** `files`: those that the JSON holds in base64. */
export interface JsonBody {
  type: 'json'
  value: Json
  files?: readonly EmbeddedFile[]
}

/** One call of an upstream's API. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'DELETE'
  /** Path and query below the base URL, percent-encoded, starting with `/`. */
  path: string
  /** `parent`: below the base URL without the last segment of its path, for vendors whose endpoints lie side by side. */
  below?: 'parent' | undefined
  /** A further host of the protocol, by its name there; absent: that of the base URL. */
  service?: string
  /** A POST that only asks, such as some vendors' polls. */
  asks?: true
  /** Beyond those that every call has. */
  headers?: Record<string, string>
  body: JsonBody | { type: 'multipart'; parts: Part[] } | null
}

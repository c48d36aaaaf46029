import type { Json } from '../../domain/json.ts'
import type { EmbeddedFile } from './bodies/embedded-files.ts'
import type { FileSource } from './bodies/file-body.ts'
import type { Part } from './bodies/multipart.ts'

/**
 * `files`: the files that the JSON contains in base64. `integers`: the keys whose texts of digits are written as integers, which may
 * be longer than a number holds exactly.
 */
export interface JsonBody {
  type: 'json'
  value: Json
  files?: readonly EmbeddedFile[]
  integers?: readonly string[]
}

/** One call of an upstream's API. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query below the base URL, percent-encoded, with a leading `/`. */
  path: string
  /** `parent`: relative to the base URL without the last segment of its path, for endpoints beside it. */
  below?: 'parent' | undefined
  /** A further host of the protocol, by its name there; absent: that of the base URL. */
  service?: string
  /** A POST that only asks, such as some vendors' polls. */
  asks?: true
  /** In addition to those of every call. */
  headers?: Record<string, string>
  /** An address that a response named, in place of `path`. It is sent no credentials, and must be public. */
  to?: string
  body: JsonBody | { type: 'multipart'; parts: Part[] } | { type: 'file'; file: FileSource } | null
}

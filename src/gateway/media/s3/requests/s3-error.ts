import { MediaUnavailableError } from '../../../ports/media/media-archive.ts'

/**
 * What an answer other than success means.
 *
 * - `missing`: there is no such object, or no such upload.
 * - `full`: the bucket or the disk behind it takes no more bytes.
 * - `refused`: the keys, the bucket, the region or the clock are wrong; a retry changes nothing.
 * - `passing`: overload, a timeout, a connection that was cut: the same request may succeed.
 * - `failed`: everything else.
 */
type Kind = 'missing' | 'full' | 'refused' | 'passing' | 'failed'

export class S3Error extends MediaUnavailableError {
  readonly kind: Kind
  readonly code: string

  constructor(kind: Kind, code: string, options?: ErrorOptions) {
    super(wordsFor(kind, code), options)
    this.kind = kind
    this.code = code
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those of MinIO, Ceph and others for a full one. */
const kinds: Record<string, Kind> = {
  NoSuchKey: 'missing',
  NoSuchUpload: 'missing',
  NoSuchVersion: 'missing',
  QuotaExceeded: 'full',
  InsufficientStorage: 'full',
  StorageFull: 'full',
  XMinioStorageFull: 'full',
  XMinioAdminBucketQuotaExceeded: 'full',
  NoSuchBucket: 'refused',
  InvalidBucketName: 'refused',
  InvalidAccessKeyId: 'refused',
  SignatureDoesNotMatch: 'refused',
  AccessDenied: 'refused',
  AccountProblem: 'refused',
  AllAccessDisabled: 'refused',
  AuthorizationHeaderMalformed: 'refused',
  ExpiredToken: 'refused',
  InvalidToken: 'refused',
  PermanentRedirect: 'refused',
  RequestTimeTooSkewed: 'refused',
  RequestTimeout: 'passing',
  SlowDown: 'passing',
  InternalError: 'passing',
  ServiceUnavailable: 'passing',
  OperationAborted: 'passing',
  BadDigest: 'passing',
  XAmzContentSHA256Mismatch: 'passing',
  IncompleteBody: 'passing',
}

/** What a status means where the body names no code, such as for HEAD. */
function kindOfStatus(status: number): Kind {
  if (status === 404) return 'missing'
  if (status === 507) return 'full'
  if (status === 301 || status === 307 || status === 401 || status === 403) return 'refused'
  return status === 408 || status === 429 || status >= 500 ? 'passing' : 'failed'
}

/** `code` is the one of the body; null if it has none that can be read. */
export function s3Error(status: number, code: string | null): S3Error {
  const known = code === null ? undefined : kinds[code]
  return new S3Error(known ?? kindOfStatus(status), code ?? `HTTP ${status}`)
}

/** For a request that got no answer. */
export function noAnswer(cause: unknown): S3Error {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const isTimeout = cause instanceof Error && cause.name === 'TimeoutError'
  return new S3Error('passing', isTimeout ? 'timeout' : code || 'no answer', { cause })
}

/** Whether a request failed on its way: by an error of the system, of undici, or by its deadline. */
export function isNetworkFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.name === 'TimeoutError' || code.startsWith('UND_ERR_') || 'syscall' in error
}

const advice: Record<string, string> = {
  NoSuchBucket: 'The bucket of media.url does not exist. Create it, or correct media.url and media.endpoint.',
  InvalidBucketName: 'The bucket of media.url has a name that the media storage does not accept.',
  AuthorizationHeaderMalformed: 'The bucket is in another region. Correct media.region.',
  PermanentRedirect: 'The bucket has another address. Correct media.region and media.endpoint.',
  RequestTimeTooSkewed: 'The clocks of this machine and of the media storage differ. Synchronise them.',
  ExpiredToken: 'The session token has expired. Renew media.session_token.',
}

function wordsFor(kind: Kind, code: string): string {
  const known = advice[code]
  if (known !== undefined) return `${known} (${code})`
  switch (kind) {
    case 'full':
      return `The bucket is full. Raise its quota, or shorten media.retention_days. (${code})`
    case 'refused':
      return `The media storage refuses the gateway. Check media.access_key, media.secret_key and what they may do. (${code})`
    case 'missing':
      return `The file is not in the bucket. (${code})`
    case 'passing':
      return `The media storage does not respond as it should. Check media.endpoint and the network. (${code})`
    case 'failed':
      return `The media storage failed. (${code})`
  }
}

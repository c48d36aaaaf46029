import type { VendorError } from './vendor-error.ts'

/** The same or a similar request is already running. Not to be confused with a name that is already taken. */
export const isUnderWay =
  /\balready[ _](in[ _]progress|running|being processed|processing|submitted|queued)\b|\boperation in process\b|\bduplicate[ _](request|task|submission)s?\b|(正在|已在)(处理|處理|生成)中|重复(提交|请求)|重複(提交|請求)/i

const wait =
  /\btime[ds]?[- _]?out|timeout(?![a-z ]*while)|deadline exceeded|did not respond|no response (from|within)|超时|超時/i

const fault =
  /\binternal[ _](server[ _])?error\b|\b(downstream|upstream|provider|backend|external)[ _](service[ _])?(error|failure|failed|exception)\b|\bunexpected (server )?error\b|\bsomething went wrong\b|内部错误|內部錯誤|服务异常|服務異常|系统(错误|异常)/i

/** Words of a timeout: the server behind it may have the job. */
export function tellsOfWait(error: VendorError): boolean {
  return wait.test(textOf(error))
}

/** Words of an internal fault or a timeout. */
export function tellsOfFault(error: VendorError): boolean {
  return fault.test(textOf(error)) || tellsOfWait(error)
}

function textOf({ message, codes }: VendorError): string {
  return `${message} ${codes.join(' ')}`
}

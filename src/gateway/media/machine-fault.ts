/** File system errors have a `syscall`; parser errors do not. */
export function isMachineFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

/** The code of a system error, such as ENOSPC; null for other errors. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

export function isNoSpace(code: string | null): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** A part of a sending, with the `Idempotency-Key` under which it is sent as often as it takes. `stamp` recognises its body. */
export interface KeyedPart {
  stamp: string
  key: string
}

/**
 * The keys for bodies that are to be sent now. One that was sent before and not answered has the key that it had then, so that it
 * is made once; every other gets a fresh one. Equal bodies are different orders.
 */
export function keyedParts(
  open: readonly KeyedPart[],
  stamps: readonly string[],
  freshKey: () => string,
): KeyedPart[] {
  const left = [...open]
  return stamps.map((stamp) => {
    const at = left.findIndex((part) => part.stamp === stamp)
    const [known] = at === -1 ? [] : left.splice(at, 1)
    return known ?? { stamp, key: freshKey() }
  })
}

/** Whether a call that failed may have been accepted all the same. Any other failure is definite, and the next try is a new one. */
export function mayBeAccepted({ status, code }: { status: number; code: string }): boolean {
  return status === 0 || status >= 500 || code === 'idempotency_in_progress' || code === 'unreadable'
}

/** 128 bits as hexadecimal digits; `fill` is `crypto.getRandomValues`, since `crypto.randomUUID` is missing on plain http. */
export function newKey(fill: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  return [...fill(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Reads what `JSON.stringify` made of parts; anything else is none. */
export function parseParts(text: string | null): KeyedPart[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter(isPart) : []
  } catch {
    return []
  }
}

function isPart(value: unknown): value is KeyedPart {
  if (typeof value !== 'object' || value === null || !('stamp' in value && 'key' in value)) return false
  return typeof value.stamp === 'string' && typeof value.key === 'string'
}

import { useState } from 'react'

/** What the gateway said of a value, for as long as it is this value. */
export function useSaid(fault: string | null, value: string): string | null {
  const [said, setSaid] = useState<{ fault: string; of: string } | null>(null)
  if (fault !== (said?.fault ?? null)) setSaid(fault === null ? null : { fault, of: value })
  return said !== null && said.of === value ? said.fault : null
}

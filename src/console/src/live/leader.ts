const lockName = 'understudy.live'
const leaseKey = 'understudy.live.leader'
const leaseMs = 5000
const renewMs = 2000

/** One of the tabs leads: it holds the stream, and tells the others. `lead` is called when it is this one. */
export function whileLeading(lead: () => () => void, signal: AbortSignal): void {
  // Only on https and on loopback; elsewhere, tabs agree by a lease.
  if ('locks' in navigator) void leadByLock(lead, signal)
  else leadByLease(lead, signal)
}

async function leadByLock(lead: () => () => void, signal: AbortSignal): Promise<void> {
  const held = async (): Promise<void> => {
    const stop = lead()
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    stop()
  }
  await navigator.locks.request(lockName, { signal }, held).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

/** Two tabs may both lead for a moment: the one that finds another name in the lease steps down. */
function leadByLease(lead: () => () => void, signal: AbortSignal): void {
  const self = crypto.getRandomValues(new Uint32Array(2)).join('-')
  let stop: (() => void) | null = null

  function look(): void {
    if (signal.aborted) return
    const [owner, until] = (localStorage.getItem(leaseKey) ?? '').split(' ')
    const isOwn = owner === self
    const isFree = owner === undefined || owner === '' || Number(until) < Date.now()
    if (isOwn || isFree) {
      localStorage.setItem(leaseKey, `${self} ${Date.now() + leaseMs}`)
      // A lease that was just taken is used at the next look, if no other tab has taken it since.
      if (isOwn) stop ??= lead()
    } else {
      stop?.()
      stop = null
    }
  }

  function leave(): void {
    clearInterval(timer)
    window.removeEventListener('pagehide', leave)
    stop?.()
    stop = null
    if (localStorage.getItem(leaseKey)?.startsWith(`${self} `) === true) localStorage.removeItem(leaseKey)
  }

  const timer = setInterval(look, renewMs)
  look()
  setTimeout(look, 200)
  window.addEventListener('pagehide', leave)
  signal.addEventListener('abort', leave, { once: true })
}

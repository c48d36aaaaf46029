/**
 * Loaded into the gateway before anything else (`--import`): its wall clock is ahead by what the parent says, as if an
 * administrator had set it. Timers go on as they are, as they do then. Also tells the parent what is held in memory after
 * a full collection: RSS alone says how late V8 collects.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const { now } = Date
let aheadMs = Number(new URL(import.meta.url).searchParams.get('ahead'))

process.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'aheadMs' in message)
    aheadMs = Number(message.aheadMs)
  if (typeof message === 'object' && message !== null && 'measure' in message) tellHeld()
})
// The gateway ends when it has nothing left to do, whether the parent may still speak or not.
process.channel?.unref()

function tellHeld(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  setFlagsFromString('--no-expose-gc')
  const { heapUsed, external } = process.memoryUsage()
  process.send?.({ heldMb: (heapUsed + external) / 2 ** 20 }, () => undefined)
}

Date.now = () => now() + aheadMs
globalThis.Date = new Proxy(Date, {
  construct: (target, given: unknown[], newTarget): object =>
    Reflect.construct(target, given.length === 0 ? [target.now()] : given, newTarget),
})

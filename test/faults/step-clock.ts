/**
 * Loaded into the gateway first (`--import`). Moves its wall clock ahead as the parent says, like an administrator
 * would; timers are not affected. Also reports the memory in use after a full collection, because RSS only shows how
 * late V8 collects.
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
// Does not keep the gateway alive, even if the parent may still send messages.
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

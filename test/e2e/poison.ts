import { subscribe } from 'node:diagnostics_channel'
import { existsSync, readFileSync } from 'node:fs'

/**
 * Loaded before a gateway. A request whose path contains the word in the file named in its own URL throws outside of
 * any promise or listener, like an unguarded callback. The request itself continues.
 */
const file = new URL(import.meta.url).searchParams.get('file') ?? ''

subscribe('undici:request:create', (message) => {
  if (typeof message !== 'object' || message === null || !('request' in message)) return
  const { request } = message
  if (typeof request !== 'object' || request === null || !('path' in request)) return
  if (!existsSync(file)) return
  const word = readFileSync(file, 'utf8')
  if (!String(request.path).includes(word)) return
  setImmediate(() => {
    throw new Error('poison')
  })
})

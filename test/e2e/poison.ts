import { subscribe } from 'node:diagnostics_channel'
import { existsSync, readFileSync } from 'node:fs'

/**
 * Loaded before a gateway: a request whose path has the word in the file that its own address names throws outside of every promise and every
 * listener, like a callback that nobody guards. The request itself goes on.
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

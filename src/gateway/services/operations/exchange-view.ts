import type { Generation } from '../../domain/generation/generation.ts'
import type { StoredExchange } from '../../ports/generations/exchange-store.ts'
import { createPromptMask } from './prompt-mask.ts'

const otherJobs =
  '[A list holds the prompts of other jobs: it is shown to keys with the scope operate_prompts.]'

/**
 * An exchange as somebody sees it who may not see prompts and videos: without the prompts of its generation, as this gateway
 * and as each upstream got it, without addresses of files, and without files in base64.
 */
export function withoutWork(generation: Generation): (exchange: StoredExchange) => StoredExchange {
  const prompts = [generation.request.prompt, ...generation.attempts.map((each) => each.prompt ?? '')]
  const maskPrompts = createPromptMask([...new Set(prompts)].filter((each) => each !== ''))
  const mask = (text: string): string => withoutFiles(maskPrompts(text))
  const orNull = (text: string | null): string | null => (text === null ? null : mask(text))
  return (exchange) => ({
    ...exchange,
    path: mask(exchange.path),
    request: orNull(exchange.request),
    reason: orNull(exchange.reason),
    headers: Object.fromEntries(Object.entries(exchange.headers).map(([name, value]) => [name, mask(value)])),
    body: exchange.operation === 'list' && exchange.body !== null ? otherJobs : orNull(exchange.body),
  })
}

function withoutFiles(text: string): string {
  return text
    .replaceAll(/(https?:\\*\/\\*\/[^\s"'<>\\/]+)\\*\/[^\s"'<>]*/gi, '$1/[address]')
    .replaceAll(/[A-Za-z0-9+/=_-]{512,}/g, '[file]')
}

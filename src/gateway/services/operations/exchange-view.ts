import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import type { StoredExchange } from '../../ports/operations/exchange-store.ts'
import { createPromptMask } from '../../domain/steering/prompt-mask.ts'

const otherJobs =
  '[A list holds the prompts of other jobs: it is shown to keys with the scope operate_prompts.]'

/**
 * Exchanges as somebody sees them who may not see prompts and videos: without the prompts of their generation, as this gateway
 * and as each upstream got it, without what describes its characters, without addresses of files, and without files in base64.
 */
export function withoutWork(
  generation: Generation,
  exchanges: readonly StoredExchange[],
): (exchange: StoredExchange) => StoredExchange {
  const { request, attempts } = generation
  const prompts = [
    request.prompt,
    request.negativePrompt ?? '',
    ...wordsOf(request),
    ...attempts.map((each) => each.prompt ?? ''),
    ...request.characters.map(({ description }) => description),
    // A character may have been described anew since.
    ...exchanges.filter(({ operation }) => operation === 'character').flatMap(sentencesIn),
  ]
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

/** Texts of options and names of references; those without a space are words of a vendor, such as `pro`. */
function wordsOf({ options = {}, references = [] }: GenerationRequest): string[] {
  const values = Object.values(options).flatMap((members) => Object.values(members))
  const texts = [...values, ...references.map(({ name }) => name)]
  return texts.flatMap((text) => (typeof text === 'string' && /\s/.test(text.trim()) ? [text] : []))
}

/** What a request says in words. Names, ids and addresses have no spaces, and what is told in place of a file is in brackets. */
function sentencesIn({ request }: StoredExchange): string[] {
  const found = (request ?? '').matchAll(/"((?:[^"\\]|\\.)*\s(?:[^"\\]|\\.)*)"/g)
  return [...found].flatMap(([, words = '']) => (/^\[[^\]]*\]$/.test(words) ? [] : [words]))
}

function withoutFiles(text: string): string {
  return text
    .replaceAll(/(https?:\\*\/\\*\/[^\s"'<>\\/]+)\\*\/[^\s"'<>]*/gi, '$1/[address]')
    .replaceAll(/[A-Za-z0-9+/=_-]{512,}/g, '[file]')
}

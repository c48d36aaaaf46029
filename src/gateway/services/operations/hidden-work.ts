import type { Client } from '../../domain/accounts/client.ts'
import type { Attempt, Generation } from '../../domain/generation/generation.ts'
import { createPromptMask } from './prompt-mask.ts'

/** Whether a client may see the prompts of a generation: its tenant's, or anybody's with `operate_prompts`. */
export function seesWork({ tenant, scopes }: Client, owner: string): boolean {
  if (scopes.includes('operate_prompts')) return true
  return owner === tenant && scopes.some((scope) => scope === 'read' || scope === 'generate')
}

/** A generation as a client may see it: without prompts, inputs and what vendors repeat of them, where it may not see these. */
export function shownTo(client: Client, generation: Generation): Generation {
  return seesWork(client, generation.tenant) ? generation : withoutPrompts(generation)
}

function withoutPrompts(generation: Generation): Generation {
  const { request, attempts, warnings, error } = generation
  const { firstFrame: _, lastFrame: __, references: ___, options: ____, negativePrompt, ...rest } = request
  const prompts = [request.prompt, negativePrompt ?? '', ...attempts.map(({ prompt }) => prompt ?? '')]
  const described = request.characters.map(({ description }) => description)
  const mask = createPromptMask([...new Set([...prompts, ...described])].filter((each) => each !== ''))
  return {
    ...generation,
    request: { ...rest, prompt: '' },
    attempts: attempts.map((attempt) => withoutPrompt(attempt, mask)),
    warnings: warnings.map(({ code, detail }) => ({ code, detail: mask(detail) })),
    error: error && { code: error.code, message: mask(error.message) },
  }
}

function withoutPrompt(attempt: Attempt, mask: (text: string) => string): Attempt {
  const { failure, lastError, detail } = attempt
  return {
    ...attempt,
    prompt: null,
    failure: failure && { ...failure, message: mask(failure.message) },
    lastError: lastError && { ...lastError, message: mask(lastError.message) },
    detail: detail === null ? null : mask(detail),
  }
}

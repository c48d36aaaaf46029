import { z } from 'zod'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type {
  GenerationStore,
  InsertOutcome,
  InsertTerms,
} from '../../src/gateway/ports/generations/generation-store.ts'

/** Takes text to the other side, which may be a thread or a process. */
export type Post = (text: string) => void

// Both sides are of this program, so that what travels is not checked again.
const asked = z.array(
  z.object({ number: z.number(), generation: z.custom<Generation>(), terms: z.custom<InsertTerms>() }),
)
const answered = z.array(
  z.object({
    number: z.number(),
    outcome: z.custom<InsertOutcome>().optional(),
    failure: z.string().optional(),
  }),
)

/** Gathers what is said in one turn of the event loop into one message. */
function gathered(post: Post): (item: object) => void {
  let items: object[] = []
  return (item) => {
    if (items.push(item) > 1) return
    setImmediate(() => {
      post(JSON.stringify(items))
      items = []
    })
  }
}

/** Asks the owner of the file to insert. Functions in the terms do not travel: no tenant may have a budget. */
export function createAskingSide(post: Post): {
  insert: GenerationStore['insert']
  hear: (text: string) => void
} {
  const waiting = new Map<number, PromiseWithResolvers<InsertOutcome>>()
  const ask = gathered(post)
  let last = 0
  return {
    insert(generation, terms) {
      const number = ++last
      const outcome = Promise.withResolvers<InsertOutcome>()
      waiting.set(number, outcome)
      ask({ number, generation, terms })
      return outcome.promise
    },
    hear(text) {
      for (const { number, outcome, failure } of answered.parse(JSON.parse(text))) {
        if (outcome === undefined) waiting.get(number)?.reject(new Error(failure))
        else waiting.get(number)?.resolve(outcome)
        waiting.delete(number)
      }
    },
  }
}

/** Inserts what the text asks for, and answers each after its commit. */
export function createAnsweringSide(
  { insert }: Pick<GenerationStore, 'insert'>,
  post: Post,
): (text: string) => void {
  const answer = gathered(post)
  return (text) => {
    for (const { number, generation, terms } of asked.parse(JSON.parse(text)))
      insert(generation, terms).then(
        (outcome) => answer({ number, outcome }),
        (error: unknown) => answer({ number, failure: String(error) }),
      )
  }
}

import type { Generation } from '../../domain/generation/generation.ts'

/** In characters: some 1,000 generations. As objects they take up to three times that. */
const mostKept = 3 * 1024 * 1024

/** What was stored of generations that go on: whoever claims one soon after need not parse it again. */
export interface KnownDocuments {
  /** `doc` is the text of `generation`, which nobody changes. It need not be committed: another text is not known by it. */
  note(doc: string, generation: Generation): void
  /** Once, and only if its text is still this one. */
  take(id: string, doc: string): Generation | undefined
}

export function createKnownDocuments(most: number = mostKept): KnownDocuments {
  /** The oldest first. */
  const known = new Map<string, { doc: string; generation: Generation }>()
  let size = 0

  function drop(id: string): void {
    size -= known.get(id)?.doc.length ?? 0
    known.delete(id)
  }

  return {
    note(doc, generation) {
      drop(generation.id)
      if (generation.dueAt === null) return
      known.set(generation.id, { doc, generation })
      size += doc.length
      for (const oldest of known.keys()) {
        if (size <= most) return
        drop(oldest)
      }
    },
    take(id, doc) {
      const entry = known.get(id)
      drop(id)
      return entry?.doc === doc ? entry.generation : undefined
    },
  }
}

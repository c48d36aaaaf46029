import { Problem } from '../../domain/problem.ts'

/** The gallery throws when no process is free for it in time. */
export async function orBusy<T>(pictures: Promise<T>): Promise<T> {
  try {
    return await pictures
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('overloaded', 'The contact sheet could not be created. Try again.', { cause })
  }
}

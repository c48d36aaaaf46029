import { z } from 'zod'

/**
 * Text, or an integer that JSON can carry exactly; no prefix and no length is assumed (official-api.md §6.3), only that it can be one
 * segment of a path.
 */
export function wireId() {
  return z
    .union([z.string(), z.int()])
    .transform(String)
    .refine((id) => /^[^\s/]{1,2048}$/.test(id) && id !== '.' && id !== '..')
    .optional()
    .catch(undefined)
}

export function wireUrl() {
  return z
    .string()
    .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text))
    .optional()
    .catch(undefined)
}

/** A word or a name; absent also when it is something else: an odd optional field must not cost a running job. */
export function wireText() {
  return z.string().min(1).max(512).optional().catch(undefined)
}

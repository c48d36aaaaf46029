import { z } from 'zod'

/** A condition in a list of columns: SQLite answers 0 or 1, PostgreSQL false or true. */
export const storedBoolean = z.union([z.number(), z.boolean()]).transform(Boolean)

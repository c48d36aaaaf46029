import { z } from 'zod'

export const Release = z
  .object({ released: z.boolean().meta({ description: 'False when nothing was held.' }) })
  .meta({ id: 'Release', examples: [{ released: true }] })
export type Release = z.output<typeof Release>

import { z } from 'zod'
import { seriesId } from '../../schemas/fields.ts'

export const SeriesParams = z.object({ id: seriesId })

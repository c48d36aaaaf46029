import { z } from 'zod'

/** What is looked at in a vendor's message. The rest of it is the vendor's own business. */
export const VendorWebhook = z
  .looseObject({
    type: z.string().optional(),
    data: z
      .looseObject({ id: z.string().optional() })
      .optional()
      .meta({ description: 'The `id`, or any other field whose name ends in `id`, may identify the job.' }),
  })
  .meta({
    id: 'VendorWebhook',
    examples: [
      {
        id: 'evt_1',
        object: 'event',
        created_at: 1_790_000_060,
        type: 'video.completed',
        data: { id: 'video_a' },
      },
    ],
  })

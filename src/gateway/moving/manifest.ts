import { z } from 'zod'

const fileFacts = { bytes: z.number(), sha256: z.string() }

/** `manifest.json` of a backup and of an export. */
export const manifestSchema = z.object({
  format: z.literal('understudy-backup'),
  version: z.literal(1),
  created_at: z.iso.datetime(),
  /** Of `understudy.db`. Earlier releases did not say it. */
  database: z.object(fileFacts).exactOptional(),
  /** Whether the original was held, so that it sends nothing until it takes the move back. */
  moved: z.boolean().exactOptional(),
  /** `copied` where the bytes are in the backup, below `media/`. `sha256` only then. */
  media: z.array(
    z.object({ name: z.string(), bytes: z.number(), sha256: z.string().nullable(), copied: z.boolean() }),
  ),
})

export type Manifest = z.output<typeof manifestSchema>

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

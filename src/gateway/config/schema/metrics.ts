import * as z from 'zod'
import type { Config } from '../settings.ts'

const loopback = '127.0.0.1'

/** A port on loopback, or an address with its port. A host name could be anybody's tomorrow. */
const listenAddress = z
  .union([z.int().min(0).max(65_535), z.string()], { error: 'should be a port, or an address and a port' })
  .transform((value, context) => {
    const [, six, four, digits] =
      /^(?:(?:\[([0-9a-f:]+)\]|(\d+\.\d+\.\d+\.\d+)):)?(\d{1,5})$/i.exec(String(value)) ?? []
    const host = six ?? four ?? loopback
    const port = Number(digits ?? NaN)
    if ((z.ipv4().safeParse(host).success || z.ipv6().safeParse(host).success) && port <= 65_535)
      return { host, port }
    const message = 'should be a port, or an IP address and a port such as 127.0.0.1:9464'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

/** Absent: nothing is counted. */
export const metricsSchema = z
  .strictObject({ enabled: z.boolean().default(true), listen: listenAddress.nullable().default(null) })
  .optional()

export function metricsOf(file: z.output<typeof metricsSchema>): Config['metrics'] {
  return file === undefined || !file.enabled ? null : { listen: file.listen }
}

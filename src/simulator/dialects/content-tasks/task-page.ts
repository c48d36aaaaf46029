import { z } from 'zod'
import type { Job } from '../../jobs/job.ts'
import type { Vendor } from '../../jobs/vendor.ts'

const pageQuery = z.object({
  page_num: z.coerce.number().int().min(1).catch(1),
  page_size: z.coerce.number().int().min(1).max(500).catch(20),
})

/** One page of the vendor's jobs, newest first. */
export function pageOf(
  { jobs }: Vendor,
  query: unknown,
  fits: (job: Job) => boolean = () => true,
): { jobs: Job[]; total: number } {
  const { page_num: page, page_size: size } = pageQuery.parse(query)
  const all = jobs
    .all()
    .filter((job) => !job.deleted && fits(job))
    .toReversed()
  return { jobs: all.slice((page - 1) * size, page * size), total: all.length }
}

import t from 'tap'
import { jobsFound } from '../../src/gateway/domain/restore/restored-job.ts'

t.test('a job that was known before stays known when the list of its upstream leaves it out', async (t) => {
  const named = { upstreamId: 'named', createdAt: 0 }
  const both = { upstreamId: 'both', createdAt: 1 }
  t.same(jobsFound([both], [named, { upstreamId: 'both', createdAt: 0 }]), [both, named])
  t.same(jobsFound([], [named]), [named])
  t.same(jobsFound([both], []), [both])
})

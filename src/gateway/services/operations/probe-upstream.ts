import { missingModels } from '../../domain/steering/probe.ts'
import type { ProbeReport } from '../../domain/steering/probe.ts'
import type { Upstream } from '../../ports/upstream.ts'

/** Asks an upstream everything that costs nothing. Each call has a deadline and is made once. Never throws. */
export async function probeUpstream(upstream: Pick<Upstream, 'spec' | 'probe'>): Promise<ProbeReport> {
  const calls = await upstream.probe()
  return { upstream: upstream.spec.id, calls, missingModels: missingModels(upstream.spec, calls) }
}

import type { Test } from 'tap'
import { finishedSeries, makeSeries, startGateway } from './series-stage.ts'
import type { Answer, Gateway } from './gateway.ts'

/** In several scripts, with characters that are special in tables and pages. */
export const prompts = [
  'a mill by a river',
  '一个女孩在海边散步',
  '=SUM(A1)\n"فتاة" تمشي <img src=x onerror=alert(1)>',
  '🙂 \u202egnp.exe',
]
const vendorWords = 'no <script>alert(2)</script>\u202e please'

/** A series of five scenes, of which four have a video and the last one was refused. */
export async function startedFilm(
  t: Test,
): Promise<{ gateway: Gateway; series: Answer['body']; path: string }> {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'refused', message: vendorWords, after: 4 }])
  const scenes = prompts.map((prompt, index) => ({ prompt, metadata: { shot: `${index + 1}b` } }))
  const settings = { duration: 10, routing: { upstreams: ['reseller'] } }
  const last = { id: 'Last_one', prompt: 'a mill that is refused' }
  const asked = { name: 'a film', settings, scenes: [...scenes, last], max_cost_usd: 5 }
  const { id } = await makeSeries(gateway, asked)
  const series = await finishedSeries(gateway, id)
  return { gateway, series, path: `/series/${id}` }
}

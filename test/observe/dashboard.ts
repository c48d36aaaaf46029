import { z } from 'zod'

const Source = z.strictObject({ type: z.literal('prometheus'), uid: z.string() })
const Panel = z.looseObject({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  description: z.string().default(''),
  datasource: Source.optional(),
  gridPos: z.strictObject({ h: z.int(), w: z.int(), x: z.int(), y: z.int() }),
  targets: z.array(z.looseObject({ refId: z.string(), datasource: Source, expr: z.string() })).default([]),
})
const Dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  annotations: z.strictObject({
    list: z.array(z.looseObject({ datasource: Source, expr: z.string() })),
  }),
  panels: z.array(Panel),
})

export type Dashboard = z.infer<typeof Dashboard>

export const dashboardOf = (text: string): Dashboard => Dashboard.parse(JSON.parse(text))

/** Every query of a dashboard, with a period where Grafana fills one in. */
export function queriesOf({ panels, annotations }: Dashboard): string[] {
  const queries = [...panels.flatMap(({ targets }) => targets), ...annotations.list]
  return queries.map(({ expr }) => expr.replaceAll('$__range', '6h').replaceAll('$__rate_interval', '1m'))
}

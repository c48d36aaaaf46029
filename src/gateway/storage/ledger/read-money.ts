import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Money } from '../../domain/generation/money.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { Schema } from '../schema.ts'

/** Each number of ids makes a statement of its own, so ids are sent in chunks to bound their number. */
const idsPerStatement = 100

const moneyRow = z.object({
  generation: z.templateLiteral(['gen_', z.string()]),
  paid: z.number(),
  held: z.number(),
  unused: z.number(),
})

/** What the attempts of these generations cost, by the index `attempts_of_generation`; also of generations that were removed. */
export function createReadMoney(
  read: Kysely<Schema>,
): (ids: readonly GenerationId[]) => Promise<Map<GenerationId, Money>> {
  return async (ids) => {
    const money = new Map<GenerationId, Money>()
    for (let first = 0; first < ids.length; first += idsPerStatement) {
      const rows = await read
        .selectFrom('attempts')
        .select(({ fn, eb }) => {
          const settled = eb('cost_state', '=', 'settled')
          const charged = eb.case().when(settled).then(eb.ref('cost_micros')).else(0).end()
          const held = eb.case().when(settled).then(0).else(eb.ref('reserved_micros')).end()
          const unused = eb
            .case()
            .when(eb.and([settled, eb('delivered', '=', 0)]))
            .then(eb.ref('cost_micros'))
            .else(0)
            .end()
          return [
            'generation',
            fn.sum(charged).as('paid'),
            fn.sum(held).as('held'),
            fn.sum(unused).as('unused'),
          ]
        })
        .where('generation', 'in', ids.slice(first, first + idsPerStatement))
        .groupBy('generation')
        .execute()
      for (const { generation, paid, held, unused } of z.array(moneyRow).parse(rows))
        money.set(generation, {
          paidMicros: paid,
          mayStillBeChargedMicros: held,
          paidWithoutVideoMicros: unused,
        })
    }
    return money
  }
}

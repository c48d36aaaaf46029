import type { Generation } from '../../gateway/shapes.ts'
import { hasEnded } from '../../gateway/wait.ts'
import * as rules from './ceiling.ts'

/** What this process may still spend. Each method is one step, so that concurrent calls cannot pass the ceiling together. */
export interface Spending {
  reserve(key: string, askedMicros: number): 'reserved' | 'repeat' | 'above_ceiling' | 'too_many'
  accepted(key: string, generation: Paid): void
  refused(key: string): void
  lost(key: string): void
  /** Reads a generation, and takes over what it has cost. */
  observe<T extends Paid>(read: () => Promise<T>): Promise<T>
  openGenerations(): string[]
  figures(): Figures
}

type Paid = Pick<Generation, 'id' | 'status' | 'cost_usd' | 'reserved_cost_usd'>

interface Figures extends Record<string, number> {
  ceiling_usd: number
  spent_usd: number
  reserved_usd: number
  left_usd: number
}

export function createSpending(maxMicros: number): Spending {
  let ceiling = rules.ceilingOf(maxMicros)
  return {
    reserve(key, askedMicros) {
      const made = rules.reserve(ceiling, key, askedMicros)
      if (!made.ok) return made.reason
      ceiling = made.ceiling
      return made.isRepeat ? 'repeat' : 'reserved'
    },
    accepted(key, generation) {
      ceiling = rules.accepted(ceiling, key, seenCost(generation))
    },
    refused(key) {
      ceiling = rules.refused(ceiling, key)
    },
    lost(key) {
      ceiling = rules.lost(ceiling, key)
    },
    async observe(read) {
      const since = ceiling.revision
      const generation = await read()
      ceiling = rules.observed(ceiling, seenCost(generation), since)
      return generation
    },
    openGenerations: () => rules.openGenerations(ceiling),
    figures: () => ({
      ceiling_usd: rules.usdOf(ceiling.maxMicros),
      spent_usd: rules.usdOf(rules.spentMicros(ceiling)),
      reserved_usd: rules.usdOf(rules.reservedMicros(ceiling)),
      left_usd: rules.usdOf(rules.leftMicros(ceiling)),
    }),
  }
}

function seenCost(generation: Paid): rules.SeenCost {
  return {
    generationId: generation.id,
    isOver: hasEnded(generation),
    costMicros: rules.microsOf(generation.cost_usd),
    reservedMicros: rules.microsOf(generation.reserved_cost_usd),
  }
}

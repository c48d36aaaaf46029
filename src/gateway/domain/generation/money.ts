import type { Generation } from './generation.ts'

/** What a generation costs, in micro-dollars. The sums are about different things and are never added up. */
export interface Money {
  /** Settled. */
  paidMicros: number
  /** Reserved: the most that attempts without a verdict may still be charged for. */
  mayStillBeChargedMicros: number
  /** The part of what is paid that brought no video. */
  paidWithoutVideoMicros: number
}

export const noMoney: Money = { paidMicros: 0, mayStillBeChargedMicros: 0, paidWithoutVideoMicros: 0 }

export function moneyOf({ attempts }: Pick<Generation, 'attempts'>): Money {
  const parts = attempts.map(({ costState, costMicros, reservedMicros, delivered }): Money =>
    costState === 'settled'
      ? {
          paidMicros: costMicros,
          mayStillBeChargedMicros: 0,
          paidWithoutVideoMicros: delivered ? 0 : costMicros,
        }
      : { ...noMoney, mayStillBeChargedMicros: reservedMicros },
  )
  return sumOfMoney(parts)
}

/** Of several generations, each sum by itself. */
export function sumOfMoney(parts: readonly Money[]): Money {
  return parts.reduce(
    (sum, part) => ({
      paidMicros: sum.paidMicros + part.paidMicros,
      mayStillBeChargedMicros: sum.mayStillBeChargedMicros + part.mayStillBeChargedMicros,
      paidWithoutVideoMicros: sum.paidWithoutVideoMicros + part.paidWithoutVideoMicros,
    }),
    noMoney,
  )
}

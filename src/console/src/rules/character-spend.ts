interface UsageRow {
  characters?: ReadonlyArray<{ id: string }>
  videos: number
  cost_usd: number
  reserved_cost_usd: number
}

/** What the videos of one character cost, in USD. A video of two counts for both. */
export interface CharacterSpend {
  videos: number
  paidUsd: number
  reservedUsd: number
}

/** The spend of each character, from a usage report by character. */
export function spendByCharacter(rows: readonly UsageRow[]): ReadonlyMap<string, CharacterSpend> {
  const spends = new Map<string, CharacterSpend>()
  for (const { characters = [], videos, cost_usd: paid, reserved_cost_usd: reserved } of rows) {
    for (const { id } of characters) {
      const before = spends.get(id) ?? { videos: 0, paidUsd: 0, reservedUsd: 0 }
      spends.set(id, {
        videos: before.videos + videos,
        paidUsd: before.paidUsd + paid,
        reservedUsd: before.reservedUsd + reserved,
      })
    }
  }
  return spends
}

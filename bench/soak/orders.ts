import { z } from 'zod'

/** Words of a prompt that say what becomes of it: at the first upstream that is asked, but a refusal is final. */
export const fates = {
  jobFails: 'the first take fails',
  turnedAway: 'the first studio is busy',
  refused: 'nobody may film this',
}
export type Fate = keyof typeof fates | 'good'

/** What tells a generation in its prompt from all others. */
export const markOf = (prompt: string): string | undefined => /take-\d+/.exec(prompt)?.[0]

export const VendorReport = z.object({
  creates: z.number(),
  /** Jobs that were taken and do not fail. */
  rendered: z.number(),
  /** Creates of generations that the upstream was asked for before, or that are rendered already. */
  twice: z.array(z.string()),
  polls: z.number(),
  characters: z.number(),
})
export type VendorReport = z.infer<typeof VendorReport>

const scenery = 'A paper boat sails down a rainy street. The camera follows it closely, low over the water. '

export function promptOf(number: number, fate: Fate, character: string | null): string {
  const cast = character === null ? '' : ` @${character} waves.`
  return `take-${number}: ${scenery.repeat(4)}${cast}${fate === 'good' ? '' : ` And ${fates[fate]}.`}`
}

/** Of a hundred generations, six fall back once, and two are refused. */
export function fateOf(number: number): Fate {
  if (number % 25 === 3) return 'jobFails'
  if (number % 50 === 7) return 'turnedAway'
  return number % 50 === 11 ? 'refused' : 'good'
}

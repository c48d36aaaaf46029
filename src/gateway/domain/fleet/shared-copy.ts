/** What every node keeps in memory and any node may change: each is read again when another node changed it. */
export const sharedCopies = ['keys', 'sessions', 'pauses', 'hold', 'breakers'] as const
export type SharedCopy = (typeof sharedCopies)[number]

/** An installation whose data was exported to go on elsewhere. It sends nothing until somebody takes the move back. */
export interface MovedAway {
  /** Ms since the epoch. */
  at: number
  /** The folder of the export. */
  to: string
}

/** For people. */
export function movedText({ at, to }: MovedAway): string {
  return `This installation was moved away (${new Date(at).toISOString()}, to ${to}). If it is to go on here, stop the other one, stop this gateway, run "understudy export --take-back", start it and release it.`
}

/** Where jobs are, and whose: an upstream of the configuration may be pointed elsewhere while they run. */
export interface Account {
  /** Scheme, host, port and base path, without a slash at the end. */
  origin: string
  /** A keyed hash of the credential, of which nothing can be learnt about it; null where none is sent. */
  credential: string | null
}

/** The account that an attempt was sent under. */
export interface HeldAccount extends Account {
  /** False where it is only assumed: on attempts of a release that did not keep it, until an answer knows the job. */
  confirmed: boolean
}

export function isSameAccount(one: Account, other: Account): boolean {
  return one.origin === other.origin && one.credential === other.credential
}

/** The credential of one goes to the server of the other. */
export function isSameServer(one: Account, other: Account): boolean {
  return new URL(one.origin).origin === new URL(other.origin).origin
}

/** The part of an attempt that says who has its job; null where nobody knows. */
interface Sent {
  sentTo: HeldAccount | null
}

/** Whether it proves anything when this account does not know the job: only the one that took it would. */
export function canDeny({ sentTo }: Sent, asked: Account): boolean {
  return sentTo !== null && sentTo.confirmed && isSameAccount(sentTo, asked)
}

/** An answer that knows the job shows who has it. Without one, an account that nobody kept is assumed. */
export function noteAsked(attempt: Sent, by: Account | undefined, isKnown: boolean): void {
  if (by === undefined || (!isKnown && attempt.sentTo !== null)) return
  attempt.sentTo = { origin: by.origin, credential: by.credential, confirmed: isKnown }
}

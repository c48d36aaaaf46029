/**
 * Identifies the server and credential that own a job, because the configuration of an upstream can change while jobs run.
 */
export interface Account {
  /** Scheme, host, port and base path, without a slash at the end. */
  origin: string
  /** A keyed hash of the credential, which reveals nothing about it. Null if no credential is sent. */
  credential: string | null
}

/** The account that an attempt was sent under. */
export interface HeldAccount extends Account {
  /**
   * False if the account is only assumed: for attempts of a release that did not store it, until a response confirms the
   * job.
   */
  confirmed: boolean
}

export function isSameAccount(one: Account, other: Account): boolean {
  return one.origin === other.origin && one.credential === other.credential
}

/** Warning: this would send the credential of one account to the server of the other. */
export function isSameServer(one: Account, other: Account): boolean {
  return new URL(one.origin).origin === new URL(other.origin).origin
}

/** The part of an attempt that says who has its job; null where nobody knows. */
interface Sent {
  sentTo: HeldAccount | null
}

/** Whether "not found" from this account is evidence. Only the account that accepted the job can deny it. */
export function canDeny({ sentTo }: Sent, asked: Account): boolean {
  return sentTo !== null && sentTo.confirmed && isSameAccount(sentTo, asked)
}

/** An answer that knows the job shows who has it. Without one, an account that nobody kept is assumed. */
export function noteAsked(attempt: Sent, by: Account | undefined, isKnown: boolean): void {
  if (by === undefined || (!isKnown && attempt.sentTo !== null)) return
  attempt.sentTo = { origin: by.origin, credential: by.credential, confirmed: isKnown }
}

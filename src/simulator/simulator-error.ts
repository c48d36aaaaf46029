export type SimulatorErrorCode =
  | 'character_unknown'
  | 'fault_invalid'
  | 'job_ended'
  | 'job_unknown'
  | 'too_many_encodes'
  | 'upstream_invalid'
  | 'upstream_unknown'
  | 'webhook_invalid'

/** An error in the use of the simulator. Simulated vendors return errors of their own. */
export class SimulatorError extends Error {
  override name = 'SimulatorError'
  readonly code: SimulatorErrorCode

  constructor(code: SimulatorErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

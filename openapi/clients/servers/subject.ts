/** Who is asked: a real server, or the simulator's profile of it. */
export interface Subject {
  /** Below which `/videos` stands. */
  base: string
  /** The same server, started with two API workers; null where it has no such setting. */
  severalWorkers: string | null
  /**
   * Ends a job that was asked for with the prompt `breaks` or `refuses` with the status 500 or 400. Nothing at a real server,
   * whose stub of an engine reads the prompt.
   */
  fail(id: string, status: 400 | 500): void
}

export type Profile = 'vllm-omni' | 'sglang'

/** Longer than a render of the stub and of the simulator, which both take half a second. */
export const renderedMs = 1500

export const apiKey = 'any'

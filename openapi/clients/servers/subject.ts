/** Who is asked: a real server, or the simulator's profile of it. */
export interface Subject {
  /** Below which `/videos` stands. */
  base: string
  /** The same server, started with two API workers; null where it has no such setting. */
  severalWorkers: string | null
  /** Ends a job that runs; afterwards the server tells how it has ended. */
  end(id: string, ending: Ending): Promise<void>
}

/** A job's engine makes its video, fails, or says that it does not take what was asked for. */
export type Ending = 'completes' | 'breaks' | 'refuses'

export type Profile = 'vllm-omni' | 'sglang'

export const apiKey = 'any'

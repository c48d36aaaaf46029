import type { Reach } from './reach.ts'
import type { RootFolder } from './files/root-folder.ts'
import type { Spending } from './money/spending.ts'

/** What the tools, resources and prompts of one process share. */
export interface Session {
  readonly reach: Reach
  readonly spending: Spending
  readonly root: RootFolder
  /** Writes a line to stderr. Lines have no prompts and no keys. */
  log(line: string): void
  /** Runs a tool call if there are not too many already. Throws a ToolError otherwise. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
}

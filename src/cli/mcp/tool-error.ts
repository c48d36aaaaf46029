/** What a tool answers instead of a result: a stable code, what is wrong, and what to do next. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly code: string
  readonly whatToDo: string
  /** Further members of the answer. */
  readonly more: Record<string, unknown>

  constructor(code: string, message: string, whatToDo: string, more: Record<string, unknown> = {}) {
    super(message)
    this.code = code
    this.whatToDo = whatToDo
    this.more = more
  }
}

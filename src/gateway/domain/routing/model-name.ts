/** Whether an upstream's name for what it runs means the model asked for: `sora-2-2025-12-08` is sora-2, `sora-2-pro` is not. */
export function isSnapshotOf(asked: string, model: string): boolean {
  return model === asked || (model.startsWith(asked) && /^[-@:]\d{3}[\d-]*$/.test(model.slice(asked.length)))
}

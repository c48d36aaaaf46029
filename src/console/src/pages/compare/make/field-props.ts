import type { CompareDraft } from '../../../rules/compare-draft.ts'

export interface FieldProps {
  draft: CompareDraft
  change: (part: Partial<CompareDraft>) => void
}

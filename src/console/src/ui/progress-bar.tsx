/** How far, in percent; `label` names it for screen readers. */
export function ProgressBar({ percent, label }: { percent: number; label: string }) {
  return <progress className="bar" max={100} value={percent} aria-label={label} />
}

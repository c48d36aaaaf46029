import type { ReactNode } from 'react'

/** The shapes of states. They are drawn with the colour of the text around them. */
export const glyphNames = ['clock', 'play', 'tick', 'cross', 'dash', 'exclamation'] as const
export type GlyphName = (typeof glyphNames)[number]

const shapes: Record<GlyphName, ReactNode> = {
  clock: (
    <>
      <circle cx="8" cy="8" r="5.25" />
      <path d="M8 5v3.2l2 1.3" />
    </>
  ),
  play: <path d="M5.5 3.8v8.4l6.6-4.2z" fill="currentColor" />,
  tick: <path d="m3.5 8.5 3 3 6-7" />,
  cross: <path d="m4.5 4.5 7 7m0-7-7 7" />,
  dash: <path d="M4 8h8" />,
  exclamation: (
    <>
      <path d="M8 3.2v6" />
      <path d="M8 12.2v.4" />
    </>
  ),
}

export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg className="glyph" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {shapes[name]}
    </svg>
  )
}

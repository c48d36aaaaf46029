import { useState } from 'react'

/** A still of 96×54, letterboxed for other shapes; `src` is null where there is none. Beside text that says the same, so no words. */
export function Thumb({ src }: { src: string | null }) {
  const [failed, setFailed] = useState<string | null>(null)
  return (
    <span className="thumb">
      {src !== null && failed !== src && (
        <img
          src={src}
          alt=""
          width="96"
          height="54"
          loading="lazy"
          decoding="async"
          onError={() => setFailed(src)}
        />
      )}
    </span>
  )
}

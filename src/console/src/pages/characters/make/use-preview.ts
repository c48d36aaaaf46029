import { useEffect, useState } from 'react'
import type { ClipSource } from './source.ts'

/** The address at which this page can play the video; null for one of another server. */
export function usePreview(source: ClipSource): string | null {
  const file = source?.type === 'file' ? source.file : null
  const [local, setLocal] = useState<string | null>(null)
  useEffect(() => {
    if (file === null) return
    const url = URL.createObjectURL(file)
    setLocal(url)
    return () => {
      setLocal(null)
      URL.revokeObjectURL(url)
    }
  }, [file])
  if (source?.type === 'generation') return `/generations/${source.id}/video`
  return file === null ? null : local
}

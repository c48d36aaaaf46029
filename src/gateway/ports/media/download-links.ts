import type { MediaId } from '../../domain/ids.ts'

/** Links at which callers download files from the storage itself. */
export interface DownloadLinks {
  /** Works for some minutes, for whoever has it; the storage answers it with these headers. */
  linkTo(id: MediaId, face: { contentType: string; fileName: string }): Promise<string>
}

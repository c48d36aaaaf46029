import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { CliError, exitCodes } from './output/terminal.ts'

export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Must be a number.')
  return value
}

/** A day as its start, midnight UTC; other text as it is. */
export function instantOf(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
}

export function isPicture(url: string): boolean {
  return /\.(?:png|jpe?g|webp)(?:$|[?#])/i.test(url)
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

export interface LocalFile {
  name: string
  content: Blob
}

const contentTypes = new Map([
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
  ['m4a', 'audio/mp4'],
])

export async function fileOf(path: string): Promise<LocalFile> {
  const name = basename(path)
  const type = contentTypes.get(name.split('.').at(-1)?.toLowerCase() ?? '') ?? 'application/octet-stream'
  try {
    return { name, content: await openAsBlob(path, { type }) }
  } catch (error) {
    throw new CliError(exitCodes.refused, `Cannot read ${path}.`, error)
  }
}

/** Text as is, anything else as JSON. */
export function formOf(fields: object): FormData {
  const form = new FormData()
  for (const [field, value] of Object.entries(present(fields)))
    form.set(field, typeof value === 'string' ? value : JSON.stringify(value))
  return form
}

/** Removes members that are not set. */
export function present(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

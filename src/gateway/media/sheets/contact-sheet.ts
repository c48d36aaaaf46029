import sharp from 'sharp'
import type { FrameAnswer, SheetDrawing } from '../frames/frame-jobs.ts'
import { letter, type Lettering, type Piece } from './sheet-text.ts'

const margin = 40
const gap = 20
const takeWidth = 34
const ink = '#1c1c1e'
const quiet = '#5f6368'
const faint = '#e3e5e8'
const paper = '#ffffff'

interface Placed extends Piece {
  left: number
  top: number
}

/** Stacks pieces vertically. */
interface Page {
  width: number
  columnWidth: number
  /** Whether takes are numbered. */
  numbers: boolean
  top: number
  placed: Placed[]
}

/** Draws a contact sheet to `output` as PNG: the source clip, one column per upstream, and the takes of each scene. */
export async function drawSheet(sheet: SheetDrawing, output: string): Promise<FrameAnswer> {
  const count = Math.max(1, sheet.columns.length)
  // With few columns the pictures are wide; with many they share the width of a large screen.
  const columnWidth = count <= 2 ? 660 : count <= 4 ? 460 : 340
  const width = 2 * margin + takeWidth + count * columnWidth + (count - 1) * gap
  const numbers = sheet.columns.length > 0
  const page: Page = { width, columnWidth, numbers, top: margin, placed: [] }
  await drawHead(page, sheet)
  if (numbers) await drawColumnHeads(page, sheet)
  for (const scene of sheet.scenes) await drawScene(page, scene)
  const canvas = { width, height: page.top + margin, channels: 3, background: paper } as const
  const layers = page.placed.map(({ input, left, top }) => ({ input, left, top }))
  const bytes = await sharp({ create: canvas }).composite(layers).png().toBuffer()
  const { writeFile } = await import('node:fs/promises')
  await writeFile(output, bytes, { flag: 'wx' })
  return { type: 'written' }
}

async function drawHead(page: Page, { title, lines, source }: SheetDrawing): Promise<void> {
  const width = page.width - 2 * margin
  await write(page, title, { size: 18, bold: true, colour: ink, width, left: margin, below: 10 })
  for (const line of lines)
    await write(page, line, { size: 10, colour: quiet, width, left: margin, below: 6 })
  page.top += 10
  if (source === null) return
  await write(page, source.caption, { size: 10, bold: true, colour: ink, width, left: margin, below: 6 })
  page.top += place(page, await stripOf(source.strip, page.columnWidth), margin) + gap
}

async function drawColumnHeads(page: Page, { columns }: SheetDrawing): Promise<void> {
  rule(page, 2, ink)
  page.top += 12
  const from = page.top
  let lowest = from
  for (const [index, { name, lines }] of columns.entries()) {
    page.top = from
    const left = leftOf(page, index)
    const width = page.columnWidth
    await write(page, name, { size: 13, bold: true, colour: ink, width, left, below: 6 })
    for (const line of lines) await write(page, line, { size: 9, colour: quiet, width, left, below: 4 })
    lowest = Math.max(lowest, page.top)
  }
  page.top = lowest + gap
}

async function drawScene(page: Page, { title, takes }: SheetDrawing['scenes'][number]): Promise<void> {
  rule(page, 1, faint)
  page.top += 12
  const width = page.width - 2 * margin
  await write(page, title, {
    size: 11,
    bold: true,
    colour: ink,
    width,
    maxLength: 300,
    left: margin,
    below: 10,
  })
  for (const [take, cells] of takes.entries()) {
    const from = page.top
    if (page.numbers)
      await write(page, String(take + 1), {
        size: 11,
        colour: quiet,
        width: takeWidth,
        left: margin,
        below: 0,
      })
    let lowest = page.top
    for (const [index, cell] of cells.entries()) {
      page.top = from
      await drawCell(page, cell, leftOf(page, index))
      lowest = Math.max(lowest, page.top)
    }
    page.top = lowest + 14
  }
  page.top += 6
}

async function drawCell(
  page: Page,
  { strip, caption, missing }: SheetDrawing['scenes'][number]['takes'][number][number],
  left: number,
): Promise<void> {
  const width = page.columnWidth
  const picture = await stripOf(strip, width)
  page.top += picture === null ? place(page, await emptyStrip(width), left) : place(page, picture, left)
  if (picture === null) {
    const note = await letter(missing, { size: 9, colour: quiet, width: width - 24, maxLength: 160 })
    if (note !== null) page.placed.push({ ...note, left: left + 12, top: page.top - emptyHeight + 12 })
  }
  page.top += 5
  await write(page, caption, { size: 9, colour: quiet, width, maxLength: 120, left, below: 0 })
}

function leftOf({ columnWidth }: Page, column: number): number {
  return margin + takeWidth + column * (columnWidth + gap)
}

/** Adds a piece at the current height of the page; returns its height. */
function place(page: Page, piece: Piece | null, left: number): number {
  if (piece === null) return 0
  page.placed.push({ ...piece, left, top: page.top })
  return piece.height
}

async function write(
  page: Page,
  text: string,
  { left, below, ...lettering }: Lettering & { left: number; below: number },
): Promise<void> {
  const piece = await letter(text, lettering)
  // A rendered text is only as high as its glyphs. The minimum height keeps the lines at even distances.
  if (piece !== null) page.top += Math.max(place(page, piece, left), Math.round(lettering.size * 1.5)) + below
}

function rule(page: Page, height: number, colour: string): void {
  const width = page.width - 2 * margin
  const input = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="${colour}"/></svg>`,
  )
  page.top += place(page, { input, width, height }, margin)
}

/** Portrait strips are tall; this limits the height of a cell. */
const highest = 200
const emptyHeight = 62

async function stripOf(file: string | null, width: number): Promise<Piece | null> {
  if (file === null) return null
  const { data, info } = await sharp(file)
    .resize({ width, height: highest, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer({ resolveWithObject: true })
  return { input: data, width: info.width, height: info.height }
}

async function emptyStrip(width: number): Promise<Piece> {
  const box = { width, height: emptyHeight, channels: 3, background: '#f4f5f6' } as const
  return { input: await sharp({ create: box }).png().toBuffer(), width, height: emptyHeight }
}

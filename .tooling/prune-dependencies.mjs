// Removes from the folder of installed packages what Node never loads: source maps, types and sources that other files were made
// of, and texts for readers. Licences stay. For the image, where nobody debugs a package. Plain JavaScript, since the image has no
// other packages.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'

const unloaded = new Set([
  '.map',
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.flow',
  '.md',
  '.markdown',
  '.c',
  '.cc',
  '.h',
  '.tsbuildinfo',
])
const licence = /^(licen[cs]e|copying|notice|third.?party)/i

const [folder] = process.argv.slice(2)
let files = 0
let bytes = 0
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !unloaded.has(extname(entry.name)) || licence.test(entry.name)) continue
  const file = join(entry.parentPath, entry.name)
  bytes += statSync(file).size
  files += 1
  rmSync(file)
}
console.log(`Removed ${files} files, ${(bytes / 1e6).toFixed(1)} MB.`)

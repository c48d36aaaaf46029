// Puts the programs below a folder, each with what it needs of the packages, in a few files that Node finds and reads quickly. What
// Node starts as a process or a thread of its own stays a file of its own. Plain JavaScript, as it runs on whatever Node there is (20.19).
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'src/')

const programs = ['gateway/main', 'cli/main', 'simulator/main', 'demo/main']
/** What is started by its address. A thread's module is found by its `import.meta.url`, which is checked below. */
const startedAlone = [
  'gateway/media/frames/frame-process',
  'gateway/storage/engine/checkpoints',
  'gateway/storage/engine/report-reader',
  'gateway/storage/ledger/compare-totals',
  'gateway/storage/media/unnamed-media',
]
/** Native, with files of their own beside the code, or (mediabunny) loaded by short-lived processes that need a part of it. */
const external = /^(sharp|sharp-phash|@napi-rs\/webcodecs|mediabunny|@fastify\/swagger-ui|pg-native)(\/|$)/

const isOfSources = (id) => id.startsWith(sources)
const builtPath = (id) => relative(sources, id).replace(/\.ts$/, '.js')

/** A module finds its files and threads from where it would be if it were not bundled. All code is one folder below the output. */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    if (!isOfSources(id) || !code.includes('import.meta.url')) return null
    const place = builtPath(id)
    if (code.includes('Reader(import.meta.url') && !startedAlone.includes(place.replace(/\.js$/, '')))
      throw new Error(`${place} is started as a thread: name it in startedAlone of .tooling/bundle.mjs`)
    const address = `new URL('../${place}', import.meta.url).href`
    return { code: code.replaceAll('import.meta.url', address), map: null }
  },
  generateBundle(_, output) {
    for (const { fileName, moduleIds = [] } of Object.values(output)) {
      const finds = moduleIds
        .filter(isOfSources)
        .filter((id) => /import\.meta\.url/.test(readFileSync(id, 'utf8')))
      if (finds.length > 0 && fileName.split('/').length !== 2)
        throw new Error(`${fileName} has ${finds.join(', ')}, which would not find its files from there`)
    }
  },
}

/** The folder of the package that a module is of; null for a module of the sources. */
function packageOf(id) {
  const [path] = id.replace(/^\0/, '').split('?')
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null
}

function noticeOf(folder) {
  const { name, version, license, homepage, author } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  const by = typeof author === 'object' ? author.name : author
  const words = texts.length > 0 ? texts : [[by, homepage].filter(Boolean).join(', ')]
  return `## ${name} ${version} (${license})\n\n${words.join('\n\n')}\n`
}

/** Writes the programs and the licences of the packages that are in them. Answers the names of the files. */
export async function bundle(output) {
  const build = await rolldown({
    cwd: root,
    platform: 'node',
    external,
    input: Object.fromEntries(
      [...programs, ...startedAlone].map((name) => [name, join(sources, `${name}.ts`)]),
    ),
    plugins: [keepPlaces],
    onLog(level, log) {
      if (log.code !== 'CIRCULAR_DEPENDENCY') console.error(`${level}: ${log.message}`)
    },
  })
  const { output: files } = await build.write({
    dir: output,
    format: 'esm',
    // Names and lines stay, so that a stack trace can be read without the maps, which Node reads with --enable-source-maps only.
    minify: false,
    comments: { legal: false, annotation: false, jsdoc: false },
    sourcemap: true,
    sourcemapExcludeSources: true,
    entryFileNames: '[name].js',
    // The simulator is in a folder of its own, since an installation may leave it out.
    chunkFileNames: ({ moduleIds }) =>
      moduleIds.some((id) => id.startsWith(join(sources, 'simulator/')))
        ? 'simulator/[name]-[hash].js'
        : 'chunks/[name]-[hash].js',
  })
  await build.close()
  const chunks = files.filter(({ type }) => type === 'chunk')
  const folders = new Set(
    chunks
      .flatMap(({ moduleIds }) => moduleIds)
      .map(packageOf)
      .filter((folder) => folder !== null),
  )
  const notices = [...folders].toSorted((a, b) => (a < b ? -1 : 1)).map(noticeOf)
  writeFileSync(
    join(output, 'licenses.md'),
    `# Licenses of the packages that the programs have in them\n\n${notices.join('\n')}`,
  )
  return chunks.map(({ fileName }) => fileName)
}

import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'

const kebab = (name: string) => name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()

/** Exported names by the file that they are in. */
function exported(folder: string, pattern: RegExp): Array<{ name: string; file: string }> {
  return globSync('**/*.ts', { cwd: folder }).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(pattern)].map(([, name = '']) => ({ name, file })),
  )
}

/** Where an interface and what makes it are not where the rule of CONTRIBUTING says. */
function misplaced(gateway: string): string[] {
  const interfaces = exported(gateway, /^export (?:interface|type) (\w+)/gm)
  const makers = exported(gateway, /^export function create(\w+)\(/gm)
  const ports = interfaces.filter(({ file }) => file.startsWith('ports/'))
  return makers.flatMap(({ name, file }) => {
    const isService = file.startsWith('services/') && name.endsWith('Service')
    const isAdapter = ports.some((port) => port.name === name)
    if (!isService && !isAdapter) return []
    const own = basename(file) === `${kebab(name)}.ts` ? [] : [`create${name} is in ${file}`]
    const beside = interfaces.filter((each) => each.name === name && each.file === file)
    return [...own, ...beside.map(() => `${name} is beside its implementation in ${file}`)]
  })
}

t.test('what makes an interface has its name, and a file of that name to itself', async (t) => {
  const gateway = new URL('../src/gateway', import.meta.url).pathname
  t.ok(exported(gateway, /^export function create(\w+)\(/gm).length > 50, 'they are found')
  t.same(misplaced(gateway), [])
})

t.test('a service beside its interface, and an adapter in a file of another name, are found', async (t) => {
  const folder = t.testdir()
  for (const room of ['ports', 'storage', 'services']) mkdirSync(join(folder, room))
  writeFileSync(join(folder, 'ports/key-store.ts'), 'export interface KeyStore {}\n')
  writeFileSync(join(folder, 'storage/keys.ts'), 'export function createKeyStore() {}\n')
  const service = 'export interface KeyService {}\nexport function createKeyService() {}\n'
  writeFileSync(join(folder, 'services/key-service.ts'), service)
  t.same(misplaced(folder).toSorted(), [
    'KeyService is beside its implementation in services/key-service.ts',
    'createKeyStore is in storage/keys.ts',
  ])
})

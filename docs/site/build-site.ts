import { join, resolve } from 'node:path'
import { build } from 'vitepress'
import { root } from './pages.ts'
import { stage } from './stage.ts'

/**
 * `npm run docs:build`: the documentation as a static site, into `docs/site/dist`. Arguments: another folder, and the path below
 * which the site is served, such as `/understudy/`.
 */
const [folder = join(root, 'docs/site/dist'), base = '/'] = process.argv.slice(2)
const staged = join(root, 'docs/site/staged')
stage(staged)
await build(staged, { outDir: resolve(folder), base })

import { defineConfig } from 'vite'

/** One file without imports, for a page that has no bundler. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    target: 'es2022',
    outDir: 'dist/browser',
    lib: { entry: 'src/client.ts', formats: ['es'], fileName: 'understudy' },
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
  },
})

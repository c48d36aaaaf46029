import { defineConfig } from 'vite'

/** The policy of the page forbids inline scripts and `data:` scripts, so nothing is inlined. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Of the packages that the bundle has in it; nobody is served this file.
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      // Libraries mark their modules with "use client" for servers that render; this is no such server.
      onwarn(warning, warn) {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
  },
})

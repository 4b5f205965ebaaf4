import { defineConfig } from 'vite'

/** One file of the sources that `process.ts` names; packages stay outside, and names stay readable in its traces. */
export default defineConfig({
  build: {
    ssr: 'test/faults/process.ts',
    outDir: 'dist/faults',
    target: 'node20',
    minify: false,
    emptyOutDir: true,
    copyPublicDir: false,
  },
})

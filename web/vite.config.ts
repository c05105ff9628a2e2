import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** Lists the SHA-256 of every file of a build, so that a release can be published and compared. */
function sums(): Plugin {
  return {
    name: 'hrt-sums',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const lines = Object.values(bundle)
          .map((file) => ({ name: file.fileName, source: file.type === 'chunk' ? file.code : file.source }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map(({ name, source }) => `${createHash('sha256').update(source).digest('hex')}  ${name}\n`)
        this.emitFile({ type: 'asset', fileName: 'SHA256SUMS', source: lines.join('') })
      },
    },
  }
}

export default defineConfig({
  base: './',
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  plugins: [
    vue(),
    // Element Plus, by what a template of the office names and nothing else.
    components({ dirs: [], dts: false, include: [/pages\/office\/.*\.vue$/], resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
    sums(),
  ],
  server: { proxy: { '^/(v1|log|log-sm3|docs|openapi.json)': process.env.HRT_NODE ?? 'http://127.0.0.1:8000' } },
  build: {
    // Older Chromium shells of domestic browsers are still about.
    target: ['chrome87', 'safari14', 'firefox91'],
    // A style or a picture inside a page would need a weaker Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What all pages need is loaded once; the villager's page must not wait for cryptography.
      output: {
        advancedChunks: {
          groups: [
            { name: 'vue', test: /node_modules.(@vue|vue).|oxc-project.runtime/ },
            { name: 'crypto', test: /node_modules.@noble/ },
            // Few files: browsers ask for six at a time, and on a slow line each further wave costs.
            {
              name: 'shell',
              test: /src.((api|i18n|market|money|styles).|components.\w+\.|entries.start|pages.\w+\.ts|base.(canonical|files|memory))/,
            },
          ],
        },
      },
      input: ['index.html', 'villager.html', 'office.html', 'receipt.html', 'seal.html'],
    },
  },
  test: { include: ['tests/**/*.test.ts'] },
})

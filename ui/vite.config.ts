import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const backend = "http://127.0.0.1:8700";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/streetwise/web/static",
    emptyOutDir: true,
    target: "es2022",
    // scripts/size.mjs reads it to find what the first page needs
    manifest: "manifest.json",
    // no inline images: the content policy allows pictures from ourselves only
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": backend } },
});

# Builds the app, then keeps only what runs: Nitro's output with the modules that it traced. No source, no dev dependency, no secret.
# Named and pinned by the digest of its index, for all platforms (docs/operations.md: release documents). Another one: --build-arg NODE_IMAGE=…
ARG NODE_IMAGE=node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Install scripts are not run: nothing that is needed has one, apart from our own `nuxt prepare`, which the build does.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

# The command-line tools: partner:create, keys:rotate, doctor. docker build --target tools
FROM ${NODE_IMAGE} AS tools
ENV NODE_ENV=production NPM_CONFIG_UPDATE_NOTIFIER=false
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY scripts ./scripts
COPY server ./server
COPY shared ./shared
COPY hubspot-app ./hubspot-app
USER 65532:65532
CMD ["npm", "run", "doctor"]

FROM ${NODE_IMAGE} AS app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/.output ./.output
# Not root, and owner of nothing: the file system can be read-only.
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`, { signal: AbortSignal.timeout(4000) }).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", ".output/server/index.mjs"]

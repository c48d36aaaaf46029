# Two images. `docker build .` makes the one for production, without the simulator: where its configuration is missing, it refuses to
# start instead of serving videos that nobody rendered. `docker build --target trial .` has the simulator on top, in a layer of its own.

# A release is built with the digest as well: --build-arg BASE=node:24.21.0-bookworm-slim@sha256:… (.github/workflows/release.yml).
ARG BASE=node:24.21.0-bookworm-slim

FROM ${BASE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: every native part ships prebuilt in its package, and the image brings its own Node.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# The bill of materials. npm would miss what is not installed, so it is told that only this is wanted.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=cyclonedx --sbom-type=application > sbom.cdx.json
COPY .tooling/prune-dependencies.mjs .tooling/
RUN node .tooling/prune-dependencies.mjs node_modules

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY .tooling/build.mjs .tooling/build-console.mjs .tooling/bundle.mjs .tooling/
COPY openapi/clients/typescript/src openapi/clients/typescript/src
COPY tsconfig.json ./
COPY src src
RUN node .tooling/build.mjs

FROM ${BASE} AS application
# The gateway listens on every address of the container, unless the file or HOST says otherwise. The port is the file's, else 8787.
ENV NODE_ENV=production UNDERSTUDY_DEFAULT_HOST=0.0.0.0 UNDERSTUDY_ADDRESS_FILE=/tmp/understudy.address
WORKDIR /app
RUN install -d -o 1000 -g 1000 -m 0750 data && install -d -o 1000 -g 1000 node_modules/.cache/understudy && ln -s /app/.tooling/understudy.mjs /usr/local/bin/understudy
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/sbom.cdx.json ./
COPY package.json LICENSE ./
COPY .tooling/understudy.mjs .tooling/health.mjs .tooling/warm-up.mjs .tooling/
COPY --from=build /app/dist/licenses.md dist/
COPY --from=build /app/dist/chunks dist/chunks
COPY --from=build /app/dist/cli dist/cli
COPY --from=build /app/dist/console dist/console
COPY --from=build /app/dist/gateway dist/gateway
USER 1000:1000
# Node keeps what it compiles for this user and the processor of the build, so that a start on a read-only root is quick as well.
RUN node --max-semi-space-size=8 --heap-growing-percent=100 .tooling/warm-up.mjs
VOLUME /app/data
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["node", "/app/.tooling/health.mjs"]
# A small young generation, and a heap of at most twice of what is in it, save memory; neither was seen to cost time (docs/BENCHMARKS.md).
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=100", "dist/gateway/main.js"]

FROM application AS trial
COPY --from=build /app/dist/simulator dist/simulator

FROM application AS gateway
# Last, so that a new version changes no layer before it.
ARG BASE
ARG VERSION=unreleased
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="Understudy" \
  org.opencontainers.image.description="A self-hosted HTTP gateway for video generation." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.base.name="${BASE}" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}"

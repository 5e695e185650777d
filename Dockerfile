# Pullkeeper's image: Node from the lockfile and one bundle, on a base without a shell.
#
# docker build -t pullkeeper .                     for this machine's architecture
# docker build --platform linux/arm64 -t … .       for another: the final stage runs nothing
# npm run image                                    the same where no container engine runs, with buildah

# Where the bundle is made: any image with a shell, Node 20 or later and npm.
ARG BUILD_BASE=docker.io/library/node:26-bookworm-slim
# What the program runs on: glibc, libstdc++, CA certificates.
ARG BASE=gcr.io/distroless/cc-debian12:nonroot
# Where libatomic is taken from, which Node needs and the base lacks: any Debian 12 image that has it, for the target.
ARG LIBATOMIC=docker.io/library/node:26-bookworm-slim

FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
ARG TARGETARCH=amd64
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json rolldown.config.ts ./
COPY src src
RUN npm run build
# The same lockfile, for the processor that the image is for: its Node is one of the optional dependencies.
WORKDIR /target
RUN cp /src/package.json /src/package-lock.json . \
 && if [ "$TARGETARCH" = amd64 ]; then cpu=x64; else cpu=$TARGETARCH; fi \
 && npm ci --ignore-scripts --omit=dev --no-audit --no-fund --os=linux --cpu="$cpu" --libc=glibc \
 && mkdir root && cp "node_modules/node-linux-$cpu/bin/node" root/node && chmod 0755 root/node \
 && cp /src/dist/pullkeeper.js root/pullkeeper.js
# Node's symbols are a fifth of it. Multiarch, since the target may be another processor.
RUN (command -v x86_64-linux-gnu-strip >/dev/null && test -e /usr/share/doc/binutils-multiarch \
     || (apt-get update && apt-get install -y --no-install-recommends binutils-multiarch)) \
 && strip root/node

# A platform once named is, to some builders, the following stages' too: so it is named in each.
FROM --platform=$TARGETPLATFORM ${LIBATOMIC} AS libatomic
# buildah leaves the container of a stage behind that nothing is done in.
WORKDIR /

FROM --platform=$TARGETPLATFORM ${BASE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pullkeeper" \
      org.opencontainers.image.description="Kubernetes admission webhook that gives Pods the image pull Secrets their registries need" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /target/root/ /pullkeeper/
COPY --from=libatomic /usr/lib/*-linux-gnu/libatomic.so.1 /pullkeeper/lib/
COPY LICENSE /pullkeeper/LICENSE
USER 65532:65532
WORKDIR /pullkeeper
ENV NODE_ENV=production LD_LIBRARY_PATH=/pullkeeper/lib
# No inspector by signal: it would open a port from which memory, credentials included, can be read.
ENTRYPOINT ["/pullkeeper/node", "--disable-sigusr1", "/pullkeeper/pullkeeper.js"]
CMD ["serve"]

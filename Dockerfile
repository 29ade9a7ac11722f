# syntax=docker/dockerfile:1.7
# The service in one image: server, worker and every command. Built in two stages; what runs is a slim Debian with one
# program, no shell session of its own, an account without rights, and nothing that it may write but /data and /tmp.
#
#   docker build -t plantintel .
#
# A release pins the two base images by digest (--build-arg RUST_IMAGE=rust@sha256:… DEBIAN_IMAGE=debian@sha256:…): the
# workflow looks them up and writes them into the release notes. The machine that wrote this file reaches no registry.
ARG RUST_IMAGE=rust:1.95.0-slim-bookworm
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM ${RUST_IMAGE} AS build
# The distribution's own updates are wanted; what is built is pinned by Cargo.lock.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends clang cmake libclang-dev make perl pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY rust-toolchain.toml Cargo.toml Cargo.lock ./
COPY crates ./crates
# The same bytes from the same source: no paths and no time of the machine that builds.
ENV SOURCE_DATE_EPOCH=0 \
    CARGO_INCREMENTAL=0 \
    RUSTFLAGS="--remap-path-prefix=/source=. --remap-path-prefix=/usr/local/cargo=cargo" \
    CFLAGS="-ffile-prefix-map=/source=. -ffile-prefix-map=/usr/local/cargo=cargo" \
    CXXFLAGS="-ffile-prefix-map=/source=. -ffile-prefix-map=/usr/local/cargo=cargo"
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package plantintel \
    && install -D --strip target/release/plantintel /out/plantintel

FROM ${DEBIAN_IMAGE} AS run
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin plantintel \
    && install --directory --owner=plantintel --group=plantintel --mode=0700 /data /blobs
COPY --from=build /out/plantintel /usr/local/bin/plantintel
COPY LICENSE /usr/share/doc/plantintel/LICENSE
USER 10001:10001
WORKDIR /data
ENV PLANTINTEL_DATA_FOLDER=/data \
    PLANTINTEL_ADDRESS=0.0.0.0:8000 \
    TMPDIR=/tmp
EXPOSE 8000
VOLUME ["/data"]
# 30 seconds to finish what is under way.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["plantintel", "doctor", "--alive"]
ENTRYPOINT ["plantintel"]
CMD ["server"]

# The image of support-bot: the program alone, for a user without rights.
#
#   docker build --build-arg REVISION=$(git rev-parse HEAD) --build-arg VERSION=0.2.0 -t support-bot .
#
# Both stages are Debian 12: the program is linked to its C library. The base has no numbered tags: bin/pin-images writes the digests of
# both beside their tags, for whoever must have the very same bytes each time.

FROM rust:1.95.0-bookworm AS build
ARG REVISION=unknown
# What was compiled before is kept in caches, so a build after a change compiles this crate only. The lines of stack traces
# are packed: they are four fifths of the program.
RUN --mount=type=bind,target=/src \
    --mount=type=cache,target=/target,sharing=locked \
    --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    cd /src \
    && SUPPORT_BOT_REVISION="$REVISION" CARGO_TARGET_DIR=/target cargo build --locked --profile prod --bin support-bot \
    && install -d /out \
    && objcopy --compress-debug-sections=zlib /target/prod/support-bot /out/support-bot \
    && install -d -m 700 /out/data /out/backups

FROM gcr.io/distroless/cc-debian12:nonroot
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="support-bot" \
      org.opencontainers.image.description="A support desk on Telegram" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /out/support-bot /usr/local/bin/support-bot
# Volumes mounted here for the first time get this owner.
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/backups /backups
ENV DATA_DIR=/data OPS_HOST=0.0.0.0 LOG_FORMAT=json
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 9464 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["support-bot", "healthcheck"]
ENTRYPOINT ["support-bot"]
CMD ["run"]

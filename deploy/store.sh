#!/bin/sh
# The S3 store: SeaweedFS with only its S3 port open to others. Master, volumes and
# filer know no object lock, so they listen on loopback only.
set -eu

# Originals reach the disk before they count: every put below the bucket is synced.
sync_bucket() {
  until echo "fs.configure -locationPrefix=/buckets/${BUCKET:-yihu}/ -fsync=true -apply" |
    weed shell -master=127.0.0.1:9333 -filer=127.0.0.1:8888 >/dev/null 2>&1; do
    sleep 1
  done
}
sync_bucket &

exec weed server -dir=/data \
  -ip=127.0.0.1 -ip.bind=127.0.0.1 \
  -master.telemetry=false -master.electionTimeout=1s -master.volumeSizeLimitMB=1024 \
  -volume.port=8081 -volume.max=0 -volume.preStopSeconds=1 \
  -filer -filer.localSocket=/tmp/filer.sock \
  -s3 -s3.port=8333 -s3.ip.bind=0.0.0.0 -s3.config=/run/secrets/store.json \
  -s3.localSocket=/tmp/s3.sock -s3.port.iceberg=0 -s3.port.lance=0 -s3.iam=false

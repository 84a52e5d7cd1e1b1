#!/bin/sh
# Makes the passwords of the server profile where they are missing; changes none that is there.
# Usage: deploy/secrets.sh [FOLDER]   (default: deploy/secrets)
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
cd "$folder"

fresh() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # NAME CONTENT: whole or not at all; readable in containers, the folder is not
  [ -e "$1" ] && return
  printf '%s' "$2" >"$1.new"
  chmod 444 "$1.new"
  mv "$1.new" "$1"
}

keep postgres_password "$(fresh)"
keep yihu_database_url "postgresql+psycopg://yihu:$(cat postgres_password)@postgres:5432/yihu"
[ -e valkey.conf ] || keep valkey.conf "requirepass $(fresh)"
keep yihu_broker_url "redis://:$(cut -d' ' -f2 valkey.conf)@valkey:6379/0"
keep store_access_key yihu
keep store_secret_key "$(fresh)"
keep store_admin_access_key admin
keep store_admin_secret_key "$(fresh)"
# The one that works every day may lock originals, but neither remove a lock nor a bucket.
keep store.json "{\"identities\": [
 {\"name\": \"admin\", \"actions\": [\"Admin\", \"Read\", \"Write\", \"List\", \"Tagging\"],
  \"credentials\": [{\"accessKey\": \"$(cat store_admin_access_key)\", \"secretKey\": \"$(cat store_admin_secret_key)\"}]},
 {\"name\": \"yihu\", \"actions\": [\"Read\", \"Write\", \"List\", \"Tagging\",
   \"PutObjectRetention\", \"GetObjectRetention\", \"PutObjectLegalHold\", \"GetObjectLegalHold\"],
  \"credentials\": [{\"accessKey\": \"$(cat store_access_key)\", \"secretKey\": \"$(cat store_secret_key)\"}]}
]}"
keep samba_password "$(fresh | cut -c1-12)"
keep yihu_metrics_token "$(fresh)"
echo "密码在 secrets are in $(pwd) (share user: scan, password: samba_password)"

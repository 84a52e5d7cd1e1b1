#!/bin/sh
# The share for scanners: user `scan`, password from the secret; files belong to `yihu`.
set -eu
install -d -o yihu -g yihu -m 0770 /var/lib/yihu/inbox
password=$(cat /run/secrets/samba_password)
printf '%s\n%s\n' "$password" "$password" | smbpasswd -s -a scan >/dev/null
exec smbd --foreground --no-process-group --debug-stdout

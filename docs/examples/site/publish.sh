#!/bin/sh
# Build an archive's site and its search index, then put both in the place of
# what is served. When one of them fails, what is served stays as it was.
#
#   publish.sh /srv/zaobao/output /var/www/zaobao/site

set -eu
output=$1
served=$2

rm -rf "$served.new"
jekyll build --quiet --disable-disk-cache --source "$output" --destination "$served.new"
npx --yes pagefind@1.6.0 --quiet --site "$served.new"

rm -rf "$served.old"
if [ -e "$served" ]; then mv "$served" "$served.old"; fi
mv "$served.new" "$served"
rm -rf "$served.old"

#!/usr/bin/env bash
# check.sh SOURCE COMPILER FLAG…: SOURCE compiles as it stands, and with -DWRONG it fails for the reason that its first
# line gives ("// wrong: EXPRESSION"). A test that fails to compile for another reason shows nothing.
#
# Where DECLARED_BY holds include flags, SOURCE must also compile with -DWRONG and those: only the declaration was missing.
set -euo pipefail

source=$1
shift
expected=$(sed -n '1s|^// wrong: ||p' "$source")
[[ -n $expected ]] || { echo "$source: the first line does not say '// wrong: EXPRESSION'" && exit 1; }

echo "as it stands: $* $source"
"$@" -fsyntax-only "$source"

echo "with -DWRONG:"
if said=$(LC_ALL=C "$@" -fsyntax-only -DWRONG "$source" 2>&1); then
    echo "it compiles, and must not"
    exit 1
fi
printf '%s\n' "$said"
grep -qE -- "$expected" <<<"$said" || { echo "it fails, but not with /$expected/" && exit 1; }

if [[ -n ${DECLARED_BY-} ]]; then
    echo "with -DWRONG and the declaration:"
    IFS=';' read -ra roots <<<"$DECLARED_BY"
    "$@" "${roots[@]/#/-I}" -fsyntax-only -DWRONG "$source"
fi

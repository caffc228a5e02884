#!/usr/bin/env bash
# ./vitrine on machines that are not this one: its view of installed packages, apt-get and the results of tests are fakes.
set -uo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
world=$(mktemp -d)
trap 'rm -rf "$world"' EXIT
failures=0

expect() {
    local what=$1 actual=$2 expected=$3
    # shellcheck disable=SC2053 # what is expected is a pattern
    [[ $actual == $expected ]] && return
    failures=$((failures + 1))
    printf '%s\n  expected %s\n  got      %s\n' "$what" "$expected" "$actual"
}

# fake NAME SCRIPT: a program of that name that comes first on the PATH.
fake() {
    mkdir -p "$world/bin"
    printf '#!/usr/bin/env bash\n%s\n' "$2" >"$world/bin/$1"
    chmod +x "$world/bin/$1"
}

# with_vitrine SCRIPT: runs it with vitrine's functions, in the world of the fakes.
with_vitrine() {
    PATH=$world/bin:$PATH bash -c "source '$root/vitrine'; logs=$world/log; mkdir -p \$logs; $1" </dev/null 2>&1
}

# --- the command line
expect "help exits with 0" "$("$root/vitrine" --help >/dev/null && echo 0)" 0
expect "help says what there is" "$("$root/vitrine" help)" "Usage: ./vitrine COMMAND*demo*test*faults*soak*build*bench*format*"
expect "an unknown command exits with 2" "$("$root/vitrine" sell >/dev/null 2>&1 || echo $?)" 2
expect "an unknown command is named" "$("$root/vitrine" sell 2>&1)" "*no command 'sell'*Usage:*"
expect "an unknown part of the tests exits with 2" "$("$root/vitrine" test nothing >/dev/null 2>&1 || echo $?)" 2
expect "soak wants hours as a number" "$("$root/vitrine" soak --hours many 2>&1)" "*number of hours*"
expect "an unknown option of soak exits with 2" "$("$root/vitrine" soak --long >/dev/null 2>&1 || echo $?)" 2

# --- packages.txt
expect "each package has a reason" "$(grep -vE '^(#.*|\[[a-z]+\]|[a-z0-9][a-z0-9.+-]* +[^ ].*|)$' "$root/packages.txt")" ""
expect "no package stands twice" "$(grep -oE '^[a-z0-9][^ ]*' "$root/packages.txt" | sort | uniq -d)" ""
expect "a section holds its packages alone" "$(with_vitrine 'packages_in demo bench' | awk '{ print $1 }' | tr '\n' ' ')" \
    "mosquitto mosquitto-clients libbenchmark-dev "

# --- setup
fake dpkg-query "sed -nE 's/^([a-z0-9][^ ]*) .*/installed \1/p' '$root/packages.txt'"
fake apt-get "echo \"\$*\" >>'$world/apt'"
# shellcheck disable=SC2016 # the fake's own words
fake sudo 'while [[ $1 == -* ]]; do shift; done; "$@"'
with_vitrine 'setup build test' >/dev/null
expect "nothing missing, nothing asked of apt-get" "$(cat "$world/apt" 2>/dev/null)" ""

fake dpkg-query "sed -nE 's/^([a-z0-9][^ ]*) .*/installed \1/p' '$root/packages.txt' | grep -v -e cmake -e sqlite; echo 'config-files cmake'"
said=$(with_vitrine 'setup build')
expect "what is missing is named with its reason" "$said" "*2 Debian packages*cmake*describes the build*libsqlite3-dev*must not lose*"
expect "lists are read once, then exactly that is installed" "$(sed 's/-q -o [^ ]*//' "$world/apt" | tr -s ' ' | tr '\n' ';')" \
    " update; install -y --no-install-recommends cmake libsqlite3-dev;"

fake apt-get 'echo "E: no such mirror" && exit 100'
said=$(with_vitrine 'setup build; echo went on')
expect "a failing apt-get ends the command and shows what it said" "$said" "*FAILED (exit status 100)*E: no such mirror*could not be read"

fake node 'exit 0'
fake npm 'exit 0'
expect "a Node from elsewhere keeps Debian's away" "$(with_vitrine 'missing_of() { cat; }; missing_in node')" ""
fake node 'exit 1'
fake dpkg-query "sed -nE 's/^([a-z0-9][^ ]*) .*/installed \1/p' '$root/packages.txt'"
expect "an old Node is named as the reason" "$(with_vitrine 'setup node; echo went on')" "*too old*18.19*"
rm "$world/bin/node" "$world/bin/npm"

# --- counting
cat >"$world/ctest.xml" <<'XML'
<testsuite name="x" tests="5">
    <testcase name="a" classname="a" time="0.1" status="run">
    <testcase name="b" status="fail">
        <failure message="Failed"/>
    <testcase name="c" status="notrun">
        <skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
    <testcase name="d" status="notrun">
        <skipped message="Unable to find executable: x"/>
    <testcase name="e" status="run">
</testsuite>
XML
said=$(with_vitrine "tally_ctest code $world/ctest.xml; echo \$passed_sum \$failed_sum")
expect "ctest's results: what was not started has failed, what skipped is named" "$said" \
    "*failed: b*skipped: c*failed: d*code: 2 passed, 2 failed, 1 skipped*2 2"
expect "no results are a failure" "$(with_vitrine "tally_ctest code $world/none; echo \$passed_sum \$failed_sum")" "*could not run*0 1"

printf 'noise 3 passed, 0 failed\ne2e: 7 passed, 1 failed, 2 skipped\nbye\n' >"$world/log.txt"
expect "the last line of counts is read" "$(with_vitrine "tally_log e2e $world/log.txt; echo \$passed_sum \$failed_sum")" "*7 1"
echo "all good" >"$world/log.txt"
expect "a log without counts is a failure" "$(with_vitrine "tally_log e2e $world/log.txt; echo \$passed_sum \$failed_sum")" "*could not run*0 1"

expect "no test is a failure" "$(with_vitrine "tally web 0 0 3; echo \$passed_sum \$failed_sum")" "*not one test ran*0 1"
said=$(with_vitrine "part_code() { tally code 3 0; }; setup() { :; }; command_test code; echo status \$?")
expect "the tests end with one line of counts and 0" "$said" "*"$'\n'"3 passed, 0 failed"$'\n'"status 0"
said=$(with_vitrine "part_web() { could_not_run web why; }; setup() { :; }; command_test web" || echo "status $?")
expect "a part that could not run fails them" "$said" "*why*0 passed, 1 failed"$'\n'"status 1"

# --- soaking
soak="setup() { :; }; build_for_faults() { :; }; soak_simulation() { say simulated; tally soak-simulation 1 0; }
    run_faults() { say \"faults: \${*:3}\"; printf '{\"figure\":1}\\n' >\"\$logs/soak-faults.log\"; tally soak-faults 2 0; }"
expect "soak runs all faults and the simulation, and prints the figures" "$(with_vitrine "$soak; command_soak")" \
    "faults: --long*simulated*3 passed, 0 failed"
expect "of soak's output the figures alone are for programs" "$(with_vitrine "$soak; command_soak 2>/dev/null")" '{"figure":1}'
expect "soak runs what is named" "$(with_vitrine "$soak; command_soak kills power")" "faults: --long kills power*2 passed, 0 failed"
expect "the simulation can be named alone" "$(with_vitrine "$soak; command_soak simulation")" "simulated*1 passed, 0 failed"
said=$(with_vitrine "$soak; soak_once() { could_not_run faults why; }; command_soak --hours 9" || echo "status $?")
expect "soak ends with the first round that fails" "$said" "*why*0 passed, 1 failed"$'\n'"status 1"

((failures == 0)) && echo "./vitrine does as it says"
exit $((failures > 0))

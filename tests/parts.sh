# shellcheck shell=bash
# shellcheck disable=SC2154 # root, logs and the two sums are vitrine's
# The parts of `./vitrine test`, which reads this file: each builds what it needs, runs, and adds to the same two counts.

# tally PART PASSED FAILED [SKIPPED]
tally() {
    if (($2 + $3 == 0)); then
        could_not_run "$1" "not one test ran"
        return
    fi
    say "$1: $2 passed, $3 failed${4:+, $4 skipped}"
    passed_sum=$((passed_sum + $2))
    failed_sum=$((failed_sum + $3))
}

# A part that cannot run is a failure, never a silence.
could_not_run() {
    say "$1: could not run: $2"
    failed_sum=$((failed_sum + 1))
}

# Reads CTest's JUnit file. A test that says itself that it skips is named and counted apart; one that CTest could not
# start has failed.
tally_ctest() {
    local part=$1 file=$2 counts
    [[ -f $file ]] || { could_not_run "$part" "ctest left no result" && return; }
    counts=$(awk '
        /<testcase / { match($0, /name="[^"]*"/); name = substr($0, RSTART + 6, RLENGTH - 7); total++ }
        /<skipped message="SKIP_/ { skipped++; print "    skipped: " name > "/dev/stderr"; next }
        /<skipped|<failure/ { failed++; print "    failed: " name > "/dev/stderr" }
        END { printf "%d %d %s", total - failed - skipped, failed, skipped ? skipped : "" }' "$file")
    # shellcheck disable=SC2086 # three words
    tally "$part" $counts
}

# run_ctest PART DIR [ARGUMENT…]
run_ctest() {
    local part=$1 dir=$2 result=$logs/ctest-$1.xml
    shift 2
    rm -f "$result"
    step "ctest-$part" "Testing ($part)" ctest --test-dir "$dir" -j "$(nproc)" --output-on-failure --no-tests=error \
        --output-junit "$result" "$@" || true
    tally_ctest "$part" "$result"
}

# Reads `N passed, N failed[, N skipped]`, the last such line of a log.
tally_log() {
    local part=$1 log=$2 line
    line=$(grep -E '^([a-z0-9-]+: )?[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' < <(tr -d '\r' <"$log") | tail -n 1) || true
    if [[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed(, ([0-9]+) skipped)? ]]; then
        tally "$part" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]-}"
    else
        could_not_run "$part" "it ended without a line 'N passed, N failed'"
    fi
}

part_code() {
    if build_preset dev; then
        run_ctest code build/dev
    else
        could_not_run code "the dev build failed"
    fi
}

# A real bluetoothd with virtual controllers, in a small machine of its own that reads this one's files.
part_bluetooth() {
    local as_root=()
    ((EUID == 0)) || as_root=(sudo -n)
    if build_preset dev -- vitrine-agent vitrinectl bluetooth_shop; then
        step bluetooth "Testing (bluetooth)" "${as_root[@]}" tests/bluetooth/run.sh || true
        tally_log bluetooth "$logs/bluetooth.log"
    else
        could_not_run bluetooth "what it drives could not be built"
    fi
}

# The second compiler's warnings.
part_clang() {
    if build_preset clang; then tally clang 1 0; else tally clang 0 1; fi
}

part_fuzz() {
    if build_preset fuzz -- fuzz_targets; then
        run_ctest fuzz build/fuzz -L fuzz
    else
        could_not_run fuzz "the fuzz build failed"
    fi
}

part_web() {
    if ! npm_packages kiosk-ui; then
        could_not_run web "what the screens are built from could not be installed"
        return
    fi
    if build_screens; then tally web-build 1 0; else tally web-build 0 1; fi
    if step web-check "Checking types and layout of the screens" npm run check --prefix kiosk-ui; then
        tally web-check 1 0
    else
        tally web-check 0 1
    fi
    local result=$logs/vitest.json
    rm -f "$result"
    step web-test "Testing (web)" npm test --prefix kiosk-ui -- --reporter=default --reporter=json "--outputFile.json=$result" || true
    if [[ -f $result ]]; then
        # shellcheck disable=SC2046 # three words
        tally web $(node -e '
            const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
            const broken = r.testResults.filter((f) => f.status === "failed" && f.assertionResults.length === 0).length;
            const skipped = r.numPendingTests + (r.numTodoTests ?? 0);
            console.log(r.numPassedTests, r.numFailedTests + broken, skipped || "");' "$result")
    else
        could_not_run web "vitest left no result"
    fi
}

# The programs as a shop runs them: optimised, with the warnings that only then appear.
part_e2e() {
    if [[ ! -d tests/e2e ]]; then
        could_not_run e2e "there is no tests/e2e"
    elif [[ ! -f tests/e2e/run.mjs ]]; then
        could_not_run e2e "there is no tests/e2e/run.mjs"
    elif ! build_preset release -DVITRINE_BENCH=OFF -- vitrine-agent vitrine-central vitrinectl || ! build_screens; then
        could_not_run e2e "what it drives could not be built"
    elif [[ -f tests/e2e/package-lock.json ]] && ! npm_packages tests/e2e; then
        could_not_run e2e "its npm packages could not be installed"
    else
        VITRINE_BIN=$root/build/release/bin VITRINE_UI=$root/kiosk-ui/dist \
            step e2e "Testing (e2e)" node tests/e2e/run.mjs || true
        tally_log e2e "$logs/e2e.log"
    fi
}

# The programs and screens that faults are made to.
build_for_faults() {
    build_preset release -DVITRINE_BENCH=OFF -- vitrine-agent vitrine-central vitrinectl && build_screens
}

# run_faults LOG TEXT [ARGUMENT…]
run_faults() {
    local log=$1 text=$2
    shift 2
    VITRINE_BIN=$root/build/release/bin VITRINE_UI=$root/kiosk-ui/dist step "$log" "$text" node tests/faults/run.mjs "$@" || true
    tally_log "$log" "$logs/$log.log"
}

# Faults of every kind on the real thing, in their short form.
part_faults() {
    if build_for_faults; then
        run_faults faults "Testing (faults)"
    else
        could_not_run faults "what it drives could not be built"
    fi
}

# soak_once [NAME…]: one round of ./vitrine soak. Figures go to descriptor 3.
soak_once() {
    local names=() name simulated=0
    (($# > 0)) || simulated=1
    for name in "$@"; do
        if [[ $name == simulation ]]; then simulated=1; else names+=("$name"); fi
    done
    if (($# == 0 || ${#names[@]} > 0)); then
        if build_for_faults; then
            run_faults soak-faults "Soaking (faults)" --long "${names[@]}"
            grep '^{' "$logs/soak-faults.log" >&3 || true
        else
            could_not_run soak-faults "what it drives could not be built"
        fi
    fi
    if ((simulated)); then soak_simulation; fi
}

# VITRINE_SOAK_MINUTES: how long the simulation draws new seeds (default: 30).
soak_simulation() {
    if [[ ! -d tests/simulation ]]; then
        could_not_run soak-simulation "there is no tests/simulation"
    elif ! build_preset release -DVITRINE_TESTS=ON -- simulation; then
        could_not_run soak-simulation "it could not be built"
    elif step soak-simulation "Soaking (simulation)" build/release/bin/simulation --nightly "${VITRINE_SOAK_MINUTES:-30}"; then
        tally soak-simulation 1 0
    else
        tally soak-simulation 0 1
    fi
}

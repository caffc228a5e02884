#include "tests/simulation/runs.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace vitrine::simulation {

namespace {

constexpr const char* kHelp =
    R"(usage: simulation --seed N          one world; everything follows from the seed
       simulation --seeds N..M       one after another
       simulation --twice N          one world twice: the same, bit for bit
       simulation --mutations        each mistake put in on purpose must be found
       simulation --nightly MINUTES  one world after another, for so long
with   --stores N --members N --workers N --hours H --visits N   another size than the seed's
       --fault NAME=VALUE            another fault than the seed's (docs/simulation.md names them)
       --mutation NAME               a mistake put in on purpose
       --verbose                     what happened, for every world
)";

/// A folder that goes with its scope; in memory where the machine has such a place, because disks
/// are simulated.
class Folder {
  public:
    Folder() {
        const char* base = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
        std::string name = std::string(base) + "/vitrine-simulation-XXXXXX";
        CHECK(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

struct FaultName {
    const char* name;
    double Faults::*value;
};
constexpr std::array kFaultNames{FaultName{"radio-lost", &Faults::radio_lost},
                                 FaultName{"radio-noise", &Faults::radio_noise},
                                 FaultName{"lost", &Faults::lost},
                                 FaultName{"doubled", &Faults::doubled},
                                 FaultName{"late", &Faults::late},
                                 FaultName{"late-max-s", &Faults::late_max_s},
                                 FaultName{"delay-max-ms", &Faults::delay_max_ms},
                                 FaultName{"work-max-ms", &Faults::work_max_ms},
                                 FaultName{"cuts", &Faults::cuts},
                                 FaultName{"partitions", &Faults::partitions},
                                 FaultName{"broker-restarts", &Faults::broker_restarts},
                                 FaultName{"worker-crashes", &Faults::worker_crashes},
                                 FaultName{"crashes", &Faults::crashes},
                                 FaultName{"power-cuts", &Faults::power_cuts},
                                 FaultName{"disk-errors", &Faults::disk_errors},
                                 FaultName{"full-disks", &Faults::full_disks},
                                 FaultName{"cache-losses", &Faults::cache_losses},
                                 FaultName{"clock-steps", &Faults::clock_steps},
                                 FaultName{"copies", &Faults::copies},
                                 FaultName{"late-upgrade", &Faults::late_upgrade}};

struct Command {
    enum class What : std::uint8_t { none, seeds, twice, mutations, nightly };
    What what = What::none;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    double minutes = 0;
    bool verbose = false;
    std::vector<std::pair<std::string, std::string>> changes;  ///< Of the seed's options.
};

double number_of(const std::string& text) { return std::strtod(text.c_str(), nullptr); }
std::uint64_t count_of(std::string_view text) {
    std::uint64_t value = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool change(Options& options, const std::string& name, const std::string& value) {
    if (name == "--stores")
        options.stores = static_cast<std::uint32_t>(count_of(value));
    else if (name == "--members")
        options.members = static_cast<std::uint32_t>(count_of(value));
    else if (name == "--workers")
        options.workers = static_cast<std::uint32_t>(count_of(value));
    else if (name == "--hours")
        options.hours = number_of(value);
    else if (name == "--visits")
        options.visits_an_hour = number_of(value);
    else if (name == "--mutation") {
        const auto mutation = mutation_from(value);
        if (!mutation) return false;
        options = options_for(*mutation, options.seed);
    } else if (name == "--fault") {
        const auto equals = value.find('=');
        for (const FaultName& each : kFaultNames) {
            if (value.substr(0, equals) != each.name || equals == std::string::npos) continue;
            options.faults.*each.value = number_of(value.substr(equals + 1));
            return true;
        }
        return false;
    } else {
        return false;
    }
    return options.stores > 0 && options.members > 0 && options.workers > 0;
}

void tell(const Tally& tally, std::uint64_t resent) {
    const auto line = [](const char* name, std::uint64_t value) {
        std::printf(" %s %llu", name, static_cast<unsigned long long>(value));
    };
    std::printf("   ");
    line("visits", tally.visits);
    line("adverts", tally.adverts);
    line("accepted", tally.accepted);
    line("merged", tally.merged);
    line("resent", resent);
    line("dropped", tally.dropped);
    line("unread", tally.kept_unread);
    line("bundles", tally.bundles);
    line("erasures", tally.erasures);
    line("decisions", tally.decisions);
    std::printf("\n   ");
    line("messages", tally.messages);
    line("doubled", tally.doubled);
    line("late", tally.late);
    line("cuts", tally.cuts);
    line("partitions", tally.partitions);
    line("broker restarts", tally.broker_restarts);
    line("worker crashes", tally.worker_crashes);
    line("crashes", tally.crashes);
    line("power cuts", tally.power_cuts);
    line("disk errors", tally.disk_errors);
    std::printf("\n   ");
    line("full disks", tally.full_disks);
    line("lost caches", tally.cache_losses);
    line("clock steps", tally.clock_steps);
    line("copies", tally.copies);
    line("alarms", tally.alarms);
    line("to clones", tally.to_clones);
    line("gone with machines", tally.with_machine);
    std::printf("\n");
}

std::string replay_of(const Options& options, const Command& command) {
    std::string text = "simulation --seed " + std::to_string(options.seed);
    for (const auto& [name, value] : command.changes) text += " " + name + " " + value;
    return text;
}

/// One world; the seed is told before it begins. False when an invariant did not hold.
bool run_one(const Options& options, const Command& command) {
    std::printf("seed %llu: ", static_cast<unsigned long long>(options.seed));
    std::fflush(stdout);
    const Outcome outcome = run_world(options);
    if (outcome.failure) {
        std::printf("FAILED %s\n    replay: %s\n", outcome.failure->c_str(),
                    replay_of(options, command).c_str());
    } else {
        std::printf("%u stores, %.1f hours, %llu records, hash %016llx\n", options.stores,
                    options.hours, static_cast<unsigned long long>(outcome.tally.merged),
                    static_cast<unsigned long long>(outcome.hash));
    }
    if (command.verbose || outcome.failure) tell(outcome.tally, outcome.resent);
    std::fflush(stdout);
    return !outcome.failure;
}

std::optional<Options> options_with(std::uint64_t seed, const Command& command) {
    Options options = options_of(seed);
    for (const auto& [name, value] : command.changes) {
        if (change(options, name, value)) continue;
        std::fprintf(stderr, "simulation: '%s %s' is not understood\n", name.c_str(),
                     value.c_str());
        return std::nullopt;
    }
    return options;
}

int run_seeds(const Command& command) {
    std::uint64_t failed = 0;
    for (std::uint64_t seed = command.first; seed <= command.last; ++seed) {
        const auto options = options_with(seed, command);
        if (!options) return 2;
        failed += run_one(*options, command) ? 0U : 1U;
    }
    std::printf("%llu passed, %llu failed\n",
                static_cast<unsigned long long>(command.last - command.first + 1 - failed),
                static_cast<unsigned long long>(failed));
    return failed == 0 ? 0 : 1;
}

int run_twice(const Command& command) {
    const auto options = options_with(command.first, command);
    if (!options) return 2;
    const Outcome once = run_world(*options);
    const Outcome again = run_world(*options);
    const bool same =
        once.hash == again.hash && once.steps == again.steps && once.failure == again.failure;
    std::printf(
        "seed %llu: %016llx and %016llx: %s\n", static_cast<unsigned long long>(command.first),
        static_cast<unsigned long long>(once.hash), static_cast<unsigned long long>(again.hash),
        same ? "the same, bit for bit" : "NOT the same");
    return same && !once.failure ? 0 : 1;
}

/// Some worlds let a mistake pass by luck; all of five never.
int run_mutations(const Command& command) {
    constexpr std::uint64_t kWorlds = 5;
    int missed = 0;
    for (std::size_t i = 1; i < kMutations; ++i) {
        const auto mutation = static_cast<Mutation>(i);
        const std::string name(name_of(mutation));
        std::optional<std::string> found;
        std::uint64_t seed = command.first;
        for (; seed < command.first + kWorlds && !found; ++seed) {
            found = run_world(options_for(mutation, seed)).failure;
        }
        std::printf("%-18s %s\n", name.c_str(),
                    found ? ("found in world " + std::to_string(seed - 1) + " " + *found).c_str()
                          : "NOT FOUND");
        std::fflush(stdout);
        missed += found ? 0 : 1;
    }
    std::printf("%d passed, %d failed\n", static_cast<int>(kMutations) - 1 - missed, missed);
    return missed == 0 ? 0 : 1;
}

double seconds_passed() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

int run_nightly(const Command& command) {
    const double begin = seconds_passed();
    std::uint64_t seed =
        command.first > 0 ? command.first : static_cast<std::uint64_t>(std::time(nullptr)) << 16;
    std::uint64_t worlds = 0;
    std::uint64_t failed = 0;
    while (seconds_passed() < begin + 60 * command.minutes) {
        const auto options = options_with(seed++, command);
        if (!options) return 2;
        failed += run_one(*options, command) ? 0U : 1U;
        ++worlds;
        if (worlds % 50 != 0) continue;
        std::printf("after %.0f minutes: %llu worlds, %llu failures\n",
                    (seconds_passed() - begin) / 60, static_cast<unsigned long long>(worlds),
                    static_cast<unsigned long long>(failed));
    }
    std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(worlds - failed),
                static_cast<unsigned long long>(failed));
    return failed == 0 ? 0 : 1;
}

bool read(Command& command, const std::string& name, const std::string& value) {
    using What = Command::What;
    if (name == "--seed" || name == "--seeds" || name == "--twice") {
        command.what = name == "--twice" ? What::twice : What::seeds;
        const auto dots = value.find("..");
        command.first = count_of(value.substr(0, dots));
        command.last = dots == std::string::npos ? command.first : count_of(value.substr(dots + 2));
    } else if (name == "--nightly") {
        command.what = What::nightly;
        command.minutes = number_of(value);
    } else {
        command.changes.emplace_back(name, value);
    }
    return !value.empty();
}

}  // namespace

Outcome run_world(const Options& options) {
    const Folder folder;
    World world(options, folder.path());
    return world.run();
}

int run_program(const std::vector<std::string>& arguments) {
    Command command;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--verbose") {
            command.verbose = true;
        } else if (arguments[i] == "--mutations") {
            command.what = Command::What::mutations;
            command.first = std::max<std::uint64_t>(command.first, 1);
        } else if (i + 1 == arguments.size() || !read(command, arguments[i], arguments[i + 1])) {
            command.what = Command::What::none;
            break;
        } else {
            ++i;
        }
    }
    switch (command.what) {
        case Command::What::none:
            break;
        case Command::What::seeds:
            return run_seeds(command);
        case Command::What::twice:
            return run_twice(command);
        case Command::What::mutations:
            return run_mutations(command);
        case Command::What::nightly:
            return run_nightly(command);
    }
    std::fputs(kHelp, stderr);
    return 2;
}

}  // namespace vitrine::simulation

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include "agent/daemon/config.hpp"
#include "agent/daemon/radio_source.hpp"
#include "agent/engine/engine.hpp"
#include "agent/host/clock.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "ctl/commands.hpp"
#include "ctl/record_filter.hpp"
#include "ctl/replay_engine.hpp"

namespace vitrine::ctl {
namespace {

using namespace std::chrono_literals;

constexpr const char* kExamples = R"(Examples:
  vitrinectl record --out morning.jsonl --minutes 30
  vitrinectl record --out walk.jsonl --key-file phone.key --walk

Opens the scanners of the shop's file beside the agent and writes only frames of members whom the
agent would recognise now, and of phones whose keys are in --key-file. With --walk, type a kiosk's
name and Enter when you arrive at it, and Enter alone just before you leave it; Ctrl-D ends.
'vitrinectl calibrate presence --recording' reads the result.)";

constexpr std::size_t kMarkMax = 64;

struct Options {
    std::string config = "/etc/vitrine/agent.toml";
    std::string out;
    std::string key_file;
    double minutes = 10;
    bool walk = false;
};

/// A new file that only its owner reads; closed and complete when it goes.
class NewFile {
  public:
    static Result<std::unique_ptr<NewFile>> create(const std::string& name) {
        const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) return unavailable(name + ": cannot be made (does it exist already?)");
        return std::make_unique<NewFile>(fd);
    }
    explicit NewFile(int fd) : fd_(fd) {}
    ~NewFile() { ::close(fd_); }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    bool write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t written = ::write(fd_, text.data(), text.size());
            if (written <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        return true;
    }

  private:
    int fd_;
};

/// One recording, from the first advert to Ctrl-C.
class Recorder final : public scanner::AdvertSink {
  public:
    Recorder(const daemon::Config& config, engine::Engine& engine, RecordFilter filter,
             std::unique_ptr<NewFile> file, host::Loop& loop, const Clock& clock)
        : engine_(engine),
          filter_(std::move(filter)),
          file_(std::move(file)),
          loop_(loop),
          clock_(clock),
          start_(clock.monotonic()) {
        for (const presence::Scanner& each : config.layout.scanners) scanners_.push_back(each.id);
        for (const presence::Kiosk& each : config.layout.kiosks) kiosks_.push_back(each.id);
    }

    void on_advert(const radio::Advert& advert) override {
        if (advert.scanner >= scanners_.size() || failed_) return;
        const auto heard =
            filter_.pass(advert, advert.at - start_, {clock_.monotonic(), clock_.wall()});
        if (!heard || heard->at < 0s) return;
        write(replay::to_line(*heard, scanners_));
        if (++written_ == replay::kHeardMax) loop_.stop();
    }

    void tick() {
        engine_.tick({clock_.monotonic(), clock_.wall()}, effects_);
        effects_.clear();
    }

    /// Reads what was typed; the end of the input ends the recording.
    void on_input() {
        std::array<char, 256> typed;
        const ssize_t size = ::read(STDIN_FILENO, typed.data(), typed.size());
        if (size <= 0) return loop_.stop();
        for (const char c : std::string_view(typed.data(), static_cast<std::size_t>(size))) {
            if (c != '\n' && line_.size() < kMarkMax) line_.push_back(c);
            if (c == '\n') mark(std::exchange(line_, {}));
        }
    }

    std::size_t written() const { return written_; }
    std::size_t marks() const { return marks_; }
    bool failed() const { return failed_; }

  private:
    void mark(const std::string& name) {
        const auto id = name.empty() ? Result(last_) : KioskId::parse(name);
        if (!id || std::ranges::find(kiosks_, *id) == kiosks_.end()) {
            std::cerr << "There is no such kiosk; known:";
            for (const KioskId& each : kiosks_) std::cerr << ' ' << each.view();
            std::cerr << std::endl;
            return;
        }
        last_ = *id;
        write(replay::to_line(replay::Mark{clock_.monotonic() - start_, last_}));
        if (++marks_ == replay::kMarksMax) loop_.stop();
        std::cerr << "at " << last_.view() << ", " << written_ << " adverts so far" << std::endl;
    }

    void write(const std::string& line) {
        failed_ = failed_ || !file_->write(line);
        if (failed_) loop_.stop();
    }

    engine::Engine& engine_;
    RecordFilter filter_;
    std::unique_ptr<NewFile> file_;
    host::Loop& loop_;
    const Clock& clock_;
    const Instant start_;
    std::vector<ScannerId> scanners_;
    std::vector<KioskId> kiosks_;
    engine::Effects effects_;
    std::string line_;
    KioskId last_;
    std::size_t written_ = 0;
    std::size_t marks_ = 0;
    bool failed_ = false;
};

void announce(const Options& options, std::size_t keys) {
    std::cerr << "Writing to " << options.out << " only frames of members whom the agent "
              << "recognises now" << (keys > 0 ? " and of the phones in " + options.key_file : "")
              << ".\nStrangers' adverts are dropped in memory; addresses and names are not written."
              << (keys > 0 ? "\nThe file will hold the keys of those phones: keep it safe." : "")
              << "\nCtrl-C ends." << std::endl;
}

Result<daemon::Config> config_of(const Options& options) {
    daemon::ConfigReading reading = daemon::read_config(options.config);
    if (!reading.mistakes.empty()) return invalid(reading.mistakes.front().text());
    // Beside the agent, not in its place: another name at the gateways' broker, and no beacon.
    reading.config.agent = AgentId("record");
    reading.config.beacon.reset();
    return std::move(reading.config);
}

Result<void> listen(const Options& options, Recorder& recorder, scanner::Scanner& scanner,
                    host::Loop& loop) {
    TRY(loop.handle_signals({}));
    host::Watch input;
    if (options.walk) {
        input = TRY(loop.watch(STDIN_FILENO, host::Interest::read, [&] { recorder.on_input(); }));
    }
    TRY(scanner.start(recorder));
    const host::Timer tick = loop.every(250ms, [&] { recorder.tick(); });
    const host::Timer state = loop.after(5s, [&] {
        if (!scanner.state().hearing()) std::cerr << scanner.state().sentence << std::endl;
    });
    loop.run_for(std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(options.minutes * 60)));
    scanner.stop();
    return {};
}

Result<void> record(const Options& options) {
    const daemon::Config config = TRY(config_of(options));
    std::vector<identity::IdentityKey> keys;
    if (!options.key_file.empty()) {
        keys = TRY(read_keys(TRY(replay::load_text(options.key_file)), options.key_file));
    }
    const host::SystemClock clock;
    host::Log log(clock, {});
    host::Loop loop;
    engine::Engine engine({.store = config.store, .layout = config.layout});
    engine::Effects effects;
    load_bundles(config, engine, {clock.monotonic(), clock.wall()}, effects);
    auto radio = TRY(daemon::make_radio(config, loop, clock, log, 1));
    if (!radio.scanner) return invalid(options.config + ": radio.source is none");
    announce(options, keys.size());
    Recorder recorder(config, engine, RecordFilter(engine, std::move(keys)),
                      TRY(NewFile::create(options.out)), loop, clock);
    TRY(listen(options, recorder, *radio.scanner, loop));
    if (recorder.failed()) return unavailable(options.out + ": cannot be written (disk full?)");
    std::cerr << recorder.written() << " adverts and " << recorder.marks() << " marks written to "
              << options.out << std::endl;
    return {};
}

}  // namespace

void add_record(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "record", "Writes what the shop's scanners hear of members and of your own phones");
    command->footer(kExamples);
    const auto options = std::make_shared<Options>();
    command->add_option("--config,-c", options->config, "The shop")->capture_default_str();
    command->add_option("--out", options->out, "A new file")->required()->type_name("FILE");
    command->add_option("--key-file", options->key_file, "Identity keys of your own phones")
        ->type_name("FILE");
    command->add_option("--minutes", options->minutes, "How long at most")
        ->capture_default_str()
        ->check(CLI::Range(0.01, 1440.0));
    command->add_flag("--walk", options->walk, "Take marks from standard input");
    command->callback(
        [options, &invocation] { invocation.run = [options] { return record(*options); }; });
}

}  // namespace vitrine::ctl

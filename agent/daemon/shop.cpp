#include "agent/daemon/shop.hpp"

#include <algorithm>

#include "agent/daemon/randomness.hpp"
#include "agent/daemon/shop_json.hpp"
#include "agent/daemon/surroundings.hpp"

namespace vitrine::daemon {

namespace {

using namespace std::chrono_literals;

/// The centre may be out of reach for this long before the pages say so: a restart of the broker is
/// no news.
constexpr auto kOfflineAfter = 20s;

std::uint64_t random_seed() {
    std::array<std::uint8_t, 8> bytes{};
    fill_with_randomness(bytes);
    std::uint64_t seed = 0;
    for (const std::uint8_t byte : bytes) seed = seed << 8 | byte;
    return seed;
}

engine::Setup setup_of(const Config& config, presence::Calibration calibration,
                       std::uint64_t seed) {
    engine::Setup setup{.store = config.store,
                        .layout = config.layout,
                        .calibration = std::move(calibration),
                        .seed = seed,
                        .kiosk_names = config.kiosk_names,
                        .claim_prefix = config.claim_prefix,
                        .model_delta_every = config.model_delta_every};
    setup.presence_limits.explain = config.explain_presence;
    if (setup.claim_prefix.empty()) {
        setup.claim_prefix =
            "http://" + config.http_address + ":" + std::to_string(config.http_port) + "/c/";
    }
    // Beside the claims: ".../c/" and ".../i/".
    const std::string_view before = setup.claim_prefix;
    setup.check_in_prefix = before.substr(0, before.substr(0, before.size() - 1).rfind('/') + 1);
    setup.check_in_prefix += "i/";
    return setup;
}

}  // namespace

Result<std::unique_ptr<Shop>> Shop::open(Config config, presence::Calibration calibration,
                                         host::Loop& loop, const Clock& clock, host::Log& log) {
    std::error_code error;
    std::filesystem::create_directories(config.state, error);
    if (error) return unavailable(config.state.string() + ": cannot be made: " + error.message());
    auto outbox = TRY(outbox::Outbox::open((config.state / "outbox.db").string(),
                                           {.bytes_max = config.outbox_bytes_max}));
    auto cache = TRY(BundleCache::open(config.state / "bundles"));
    const std::uint64_t seed = config.seed.value_or(random_seed());
    std::unique_ptr<Shop> shop(new Shop(std::move(config), std::move(calibration), loop, clock, log,
                                        std::move(outbox), std::move(cache), seed));
    TRY(shop->open_parts(seed));
    return shop;
}

Shop::Shop(Config config, presence::Calibration calibration, host::Loop& loop, const Clock& clock,
           host::Log& log, outbox::Outbox outbox, BundleCache cache, std::uint64_t seed)
    : config_(std::move(config)),
      loop_(loop),
      clock_(clock),
      log_(log),
      rng_(seed),
      outbox_(std::move(outbox)),
      cache_(std::move(cache)),
      engine_(setup_of(config_, std::move(calibration), seed)),
      keeper_(outbox_, config_.store, config_.agent, log_) {}

Shop::~Shop() = default;

Result<void> Shop::open_parts(std::uint64_t seed) {
    const outbox::OpenReport& report = outbox_.report();
    if (!report.set_aside.empty()) {
        log_.error("damaged outbox set aside",
                   {{"file", report.set_aside}, {"damage", report.damage}});
    }
    if (!config_.broker.empty()) {
        courier_ = TRY(Courier::create(config_, loop_, clock_, log_, outbox_, rng_,
                                       config_.verify_keys, courier_hooks()));
    }
    load_cached();
    restore();

    http::Users users = TRY(http::Users::load(config_.staff));
    open_desk();
    radio_ = TRY(make_radio(config_, loop_, clock_, log_, seed, desk_.get()));
    WebHooks hooks{
        .touch = [this](const session::Touch& touch) { return take_touch(touch); },
        .staff_looked =
            [this](const StaffId& staff) {
                engine_.looked(staff, moment(), effects_);
                step_soon();
            },
        .claim = [this](std::string_view token, bool use) { return take_claim(token, use); },
        .check_in = [this](const identity::CheckIn& claim) { return take_check_in(claim); },
        .health = [this] { return health(); }};
    if (radio_.simulated != nullptr) {
        hooks.steer = [this](std::string_view label, std::string_view place) {
            return radio_.simulated->steer(label, place);
        };
        hooks.shoppers = [this] { return shoppers_json(radio_.simulated->whereabouts()); };
    }
    web_ =
        TRY(Web::open(config_, std::move(users), loop_, clock_, metrics_, log_, std::move(hooks)));
    add_metrics();
    add_check_in_metrics();
    add_outbox_metrics();
    add_bundle_metrics();
    look_around();
    step();
    show_staff();
    return {};
}

void Shop::restore() {
    const auto lines = outbox_.state_with_prefix("");
    if (!lines) return log_.error("memos not readable", {{"reason", lines.error().message}});
    for (const auto& [key, value] : *lines) {
        if (key == kLedgerKey) continue;
        const auto restored = engine_.restore({key, value});
        // A model that was replaced meanwhile is no mistake.
        if (!restored && restored.error().code != ErrorCode::conflict) {
            log_.warning("memo not restored", {{"reason", restored.error().message}});
        }
    }
}

Result<void> Shop::start() {
    timers_.push_back(loop_.every(250ms, [this] { step(); }));
    timers_.push_back(loop_.every(1s, [this] {
        look_around();
        show_staff();
    }));
    timers_.push_back(loop_.every(config_.health_every, [this] { report(); }));
    if (courier_) {
        timers_.push_back(loop_.every(100ms, [this] { courier_->tick(clock_.monotonic()); }));
        TRY(courier_->start());
    }
    if (radio_.scanner) TRY(radio_.scanner->start(*this));
    return {};
}

void Shop::stop(std::function<void()> done) {
    timers_.clear();
    if (radio_.scanner) radio_.scanner->stop();
    report();
    step(Waits::somebody);
    if (courier_) courier_->tick(clock_.monotonic());
    web_->stop(std::move(done));
}

void Shop::on_advert(const radio::Advert& advert) {
    engine_.on(advert, moment());
    step_soon();
}

void Shop::step_soon() {
    if (step_waits_) return;
    step_waits_ = true;
    loop_.post([this] { step(); });
}

void Shop::step(Waits waits) {
    step_waits_ = false;
    const engine::Now at = moment();
    engine_.tick(at, effects_);
    if (effects_.empty() && keeper_.settled()) return;
    for (const std::string& line : effects_.explanations) log_.info("presence", {{"change", line}});
    effects_.explanations.clear();
    const Sequence before = outbox_.next_sequence();
    const bool staff_changed = effects_.staff_board_changed;
    for (const session::Screen& screen : keeper_.keep(effects_, at.instant, at.wall, waits))
        web_->publish(screen);
    commit_later(at.instant);
    if (staff_changed) show_staff();
    if (courier_ && outbox_.next_sequence() != before) courier_->tick(at.instant);
}

void Shop::commit_later(Instant now) {
    const auto due = keeper_.due_at();
    if (due == commit_due_) return;
    commit_due_ = due;
    if (due) commit_ = loop_.after(*due - now, [this] { step(); });
}

void Shop::show_staff() {
    session::StaffBoard board = engine_.staff_board(clock_.wall());
    board.revision = board_.revision;
    if (board == board_ && board_.revision > 0) return;
    board_ = std::move(board);
    ++board_.revision;
    web_->publish(board_);
}

void Shop::look_around() {
    const engine::Now at = moment();
    surroundings_.utc_offset = utc_offset(at.wall);
    engine_.on(surroundings_);

    const bool reachable = !courier_ || courier_->is_up();
    if (reachable) unreachable_since_.reset();
    if (!reachable && !unreachable_since_) unreachable_since_ = at.instant;
    const identity::RecognitionTable& table = engine_.table();
    const bool keys_ran_out =
        table.member_count() > 0 && table.unrecognisable_count() == table.member_count();
    engine_.on(session::Condition{
        .offline = unreachable_since_ && at.instant - *unreachable_since_ > kOfflineAfter,
        .offers_stale = offers_stale(),
        .recognition_off = !radio_.scanner || !radio_.scanner->state().hearing() || keys_ran_out});
}

Result<void> Shop::take_touch(const session::Touch& touch) {
    engine::Secret secret{};
    fill_with_randomness(secret);
    TRY(engine_.on(touch, secret, moment(), effects_));
    step(Waits::somebody);
    // It happened all the same, and is written once the disk takes it; but that is not promised.
    if (keeper_.failing()) return unavailable("the disk does not take it yet");
    return {};
}

/// The broker will not bring it again: it is kept before anything else happens.
void Shop::take_receipt(const KioskId& till, const session::Receipt& receipt) {
    const bool fresh = engine_.on(receipt, till, moment(), effects_);
    ++(fresh ? receipts_ : receipts_repeated_);
    if (fresh) step(Waits::somebody);
}

ClaimAnswer Shop::take_claim(std::string_view token, bool use) {
    ClaimAnswer answer{.card = engine_.claim_card(token)};
    answer.state =
        use ? engine_.claim(token, moment(), effects_) : engine_.claim_state(token, clock_.wall());
    if (!use) return answer;
    if (answer.state == engine::ClaimState::ready) answer.code = engine_.claim_code(token);
    step(Waits::somebody);
    return answer;
}

http::Health Shop::health() const {
    if (keeper_.failing()) return {.ok = false, .detail = "records wait for the disk"};
    return {.ok = true, .detail = status()};
}

std::string Shop::status() const {
    const std::string centre = !courier_           ? "none"
                               : courier_->is_up() ? "reachable"
                                                   : "out of reach";
    return std::to_string(config_.layout.kiosks.size()) + " kiosks, radio " + state_of(radio_) +
           ", centre " + centre + ", " + std::to_string(outbox_.counts().pending) +
           " records waiting" + expired_bundles();
}

}  // namespace vitrine::daemon

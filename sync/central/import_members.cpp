#include "sync/bundle/keys.hpp"
#include "sync/central/import_taker.hpp"
#include "sync/central/members.hpp"

namespace vitrine::central {

namespace {

Result<profiles::Level> level_from(std::string_view name) {
    if (name == "none") return profiles::Level::none;
    if (name == "basic") return profiles::Level::basic;
    if (name == "full") return profiles::Level::full;
    return invalid("expected none, basic or full");
}

Result<Language> language_from(std::string_view name) {
    if (name == "fr") return Language::fr;
    if (name == "en") return Language::en;
    return invalid("expected fr or en");
}

/// The grants that came with an import: one event a purpose, of a notice that the importing party
/// vouches for.
std::vector<consent::Event> grants_of(MemberId member,
                                      const std::vector<consent::Purpose>& purposes, WallTime now) {
    std::vector<consent::Event> events;
    const std::string notice = "import";
    for (const consent::Purpose purpose : purposes) {
        // The same import twice gives the same id, so the history has each grant once.
        const Digest id = bundle::digest_of(
            view_of(to_text(member) + "/import/" + std::string(consent::name_of(purpose))));
        consent::Event event{.subject = member,
                             .purpose = purpose,
                             .decision = consent::Decision::granted,
                             .time = advance(Hlc{}, now),
                             .channel = consent::Channel::import,
                             .notice = {.id = notice, .version = 1}};
        for (std::size_t i = 0; i < 8; ++i) event.id = event.id << 8 | id[i];
        event.id >>= 1;
        events.push_back(event);
    }
    return events;
}

Result<void> import_member(sql::Connection& connection, Members& members, ImportRow& row,
                           WallTime now) {
    Member member{.id = row.parsed<MemberId>("member", &id_from_text<MemberId>)};
    member.key.bytes =
        row.parsed<std::array<std::uint8_t, 16>>("identity_key", &fixed_from_hex<16>);
    member.level = row.parsed<profiles::Level>("level", &level_from);
    member.language = row.parsed<Language>("language", &language_from);
    member.age_proven = row.flag("age_proven");
    member.birth_month = static_cast<std::uint8_t>(row.integer("birth_month", 0, 12, 0));
    for (const std::int64_t each : row.integers("favourites", 16, 0xffff)) {
        member.favourites.emplace_back(static_cast<std::uint16_t>(each));
    }
    member.calls_me = row.text("calls_me", 100, false);
    member.wishes = row.text("wishes", 400, false);
    std::vector<consent::Purpose> granted;
    for (const consent::Purpose purpose : consent::kPurposes) {
        if (row.flag(std::string(consent::name_of(purpose)).c_str())) granted.push_back(purpose);
    }
    if (member.id == MemberId{}) row.fail("member", "0 is nobody", Flaw::impossible);
    TRY(row.finish());
    row.identify(identity_of({member.id.value()}));
    TRY(members.enrol(member));
    for (const consent::Event& event : grants_of(member.id, granted, now))
        TRY(join_consent(connection, event));
    return {};
}

Result<Channel> channel_from(std::string_view name) {
    if (name == "store") return Channel::store;
    if (name == "web") return Channel::web;
    if (name == "app") return Channel::app;
    return invalid("expected store, web or app");
}

Result<void> import_visit(Members& members, ImportRow& row, WallTime now) {
    const auto member = row.parsed<MemberId>("member", &id_from_text<MemberId>);
    const auto day = row.parsed<std::int32_t>("day", &day_from);
    if (day > day_of(now)) row.fail("day", "is in the future", Flaw::impossible);
    const bool with_basket = row.has("basket");
    // A basket is filled on the web; where exactly may be said, but need not be.
    ChannelVisit visit{.day = day, .channel = Channel::web};
    if (!with_basket || row.has("channel")) {
        visit.channel = row.parsed<Channel>("channel", &channel_from);
    }
    Basket basket{.day = day};
    for (const std::int64_t each : row.integers("basket", Basket::kProductsMax, 0xffff'ffffLL)) {
        basket.products.emplace_back(static_cast<std::uint32_t>(each));
    }
    TRY(row.finish());
    row.identify(identity_of({member.value(), static_cast<std::uint64_t>(day),
                              static_cast<std::uint64_t>(visit.channel), with_basket ? 1U : 0U}));
    TRY(members.visited(member, visit));
    if (with_basket) TRY(members.left_basket(member, basket));
    return {};
}

class MemberTaker final : public ImportTaker {
  public:
    MemberTaker(sql::Connection& connection, WallTime now)
        : connection_(connection), members_(connection), now_(now) {}
    std::span<const ImportColumn> columns() const override { return columns_; }
    Result<void> take(ImportRow& row, std::uint64_t, ImportJudge&) override {
        return import_member(connection_, members_, row, now_);
    }

  private:
    const std::vector<ImportColumn> columns_{{"member", true, {"member_id", "pseudonym"}},
                                             {"identity_key", true, {}},
                                             {"level", true, {}},
                                             {"language", true, {}},
                                             {"recognise"},
                                             {"personalise"},
                                             {"staff_view"},
                                             {"measure"},
                                             {"context"},
                                             {"favourites"},
                                             {"age_proven"},
                                             {"birth_month"},
                                             {"calls_me"},
                                             {"wishes"}};
    sql::Connection& connection_;
    Members members_;
    const WallTime now_;
};

class VisitTaker final : public ImportTaker {
  public:
    VisitTaker(sql::Connection& connection, WallTime now) : members_(connection), now_(now) {}
    std::span<const ImportColumn> columns() const override { return columns_; }
    Result<void> take(ImportRow& row, std::uint64_t, ImportJudge&) override {
        return import_visit(members_, row, now_);
    }

  private:
    const std::vector<ImportColumn> columns_{{"member", true, {"member_id", "pseudonym"}},
                                             {"day", true, {"date"}},
                                             {"channel"},
                                             {"basket"}};
    Members members_;
    const WallTime now_;
};

}  // namespace

std::unique_ptr<ImportTaker> member_taker(sql::Connection& connection, WallTime now) {
    return std::make_unique<MemberTaker>(connection, now);
}

std::unique_ptr<ImportTaker> visit_taker(sql::Connection& connection, WallTime now) {
    return std::make_unique<VisitTaker>(connection, now);
}

}  // namespace vitrine::central

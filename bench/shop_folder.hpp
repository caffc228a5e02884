#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/daemon/bundle_cache.hpp"
#include "agent/daemon/config.hpp"
#include "agent/identity/eid.hpp"
#include "sync/bundle/package.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/members.hpp"
#include "sync/wire/policy_json.hpp"

/// A shop of the size that TARGETS names (20,000 members, 200 offers, 4 kiosks) in a folder, as if
/// the centre had sent it.
namespace vitrine::bench {

inline identity::IdentityKey key_of(std::uint64_t member) {
    identity::IdentityKey key;
    for (std::size_t i = 0; i < key.bytes.size(); ++i)
        key.bytes[i] = static_cast<std::uint8_t>(member >> (8 * (i % 8)));
    return key;
}

class ShopFolder {
  public:
    /// `radio` is TOML that takes the place of a scanner at each kiosk; port 0: any.
    ShopFolder(const std::filesystem::path& folder, std::size_t members, WallTime now,
               const std::string& radio = {}, std::uint16_t port = 0)
        : folder_(folder), key_(bundle::SecretKey::from_seed({1, 2, 3})) {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_ / "ui");
        std::ofstream(folder_ / "ui" / "kiosk.html") << "<!doctype html><title>kiosk</title>";
        write_config(radio, port);
        keep(bundle::Kind::catalogue, text(wire::encode_catalogue(catalogue()).value()), now);
        keep(bundle::Kind::recognition, wire::encode_recognition(recognition(members, now)).value(),
             now);
        keep(bundle::Kind::profiles, wire::encode_profiles(profiles(members, now)).value(), now);
        profiles::Policy policy{.epoch = Epoch(1)};
        policy.loop_step = std::chrono::milliseconds(1000);
        policy.change_jitter = {};
        policy.minimum_dwell = {};
        policy.holdout_permille = 0;
        keep(bundle::Kind::policy, text(wire::encode_policy(policy).value()), now);
    }

    std::filesystem::path config() const { return folder_ / "agent.toml"; }

  private:
    static Bytes text(const std::string& json) { return Bytes(json.begin(), json.end()); }

    void write_config(const std::string& radio, std::uint16_t port) const {
        std::ofstream file(config());
        file
            << "[store]\ntenant = \"bench\"\nid = \"shop\"\nagent = \"shop-1\"\nstate = \"state\"\n"
            << "[http]\nport = " << port << "\nui = \"ui\"\n"
            << "[centre]\nbroker = \"mqtt://127.0.0.1:9\"\nverify_key = \""
            << to_hex(key_.public_key()) << "\"\n"
            << "[limits]\nseed = 1\nlog_level = \"error\"\n"
            << radio;
        for (int i = 1; i <= 4; ++i) {
            file << "[[kiosk]]\nid = \"kiosk-" << i << "\"\nx = " << 5 * i << "\ny = 0\n";
            if (!radio.empty()) continue;
            file << "[[scanner]]\nid = \"s" << i << "\"\nkiosk = \"kiosk-" << i << "\"\n";
        }
    }

    void keep(bundle::Kind kind, const Bytes& payload, WallTime now) const {
        const auto package = bundle::pack({.tenant = TenantId("bench"),
                                           .store = StoreId("shop"),
                                           .kind = kind,
                                           .epoch = Epoch(1),
                                           .not_before = now - std::chrono::hours(24),
                                           .expires = now + std::chrono::hours(24 * 7)},
                                          payload, key_)
                                 .value();
        daemon::BundleCache::open(folder_ / "state" / "bundles")
            .value()
            .keep(kind, package.manifest, payload)
            .value();
    }

    static profiles::Catalogue catalogue() {
        profiles::Catalogue made{.epoch = Epoch(1)};
        for (std::uint16_t i = 1; i <= 20; ++i) {
            made.categories.push_back(
                {.id = CategoryId(i), .name = {"Rayon " + std::to_string(i), "Aisle"}});
        }
        for (std::uint32_t i = 1; i <= 200; ++i) {
            made.offers.push_back({.id = OfferId(i),
                                   .category = CategoryId(static_cast<std::uint16_t>(1 + i % 20)),
                                   .products = {ProductId(i)},
                                   .title = {"Café moulu pur arabica 250 g n° " + std::to_string(i),
                                             "Ground arabica"},
                                   .detail = {std::string(200, 'd'), std::string(200, 'd')},
                                   .terms = {std::string(100, 't'), std::string(100, 't')},
                                   .image = "/images/coffee.svg",
                                   .price = Cents(399),
                                   .popularity = static_cast<std::int16_t>(i)});
        }
        return made;
    }

    static consent::Consents everything() {
        consent::Consents consents;
        for (consent::State& state : consents.states) state.granted = true;
        return consents;
    }

    static wire::RecognitionBundle recognition(std::size_t members, WallTime now) {
        const auto period =
            identity::period_of(identity::beacon_seconds(now - std::chrono::minutes(15)));
        wire::RecognitionBundle made{.epoch = Epoch(1), .first_period = period};
        for (std::uint64_t id = 1; id <= members; ++id) {
            wire::RecognitionBundle::Member member{.member = MemberId(id),
                                                   .consents = everything()};
            for (std::uint32_t i = 0; i < 9; ++i) {
                member.keys.push_back(identity::temporary_key(key_of(id), period + i).bytes);
            }
            made.members.push_back(std::move(member));
        }
        return made;
    }

    static wire::ProfilesBundle profiles(std::size_t members, WallTime now) {
        wire::ProfilesBundle made{.epoch = Epoch(1)};
        Rng rng(7);
        for (std::uint64_t id = 1; id <= members; ++id) {
            profiles::Profile profile{
                .member = MemberId(id), .level = profiles::Level::full, .as_of_day = day_of(now)};
            for (std::uint16_t category = 1; category <= 20; ++category) {
                if (rng.below(2) == 0) continue;
                profile.habits.push_back(
                    {.category = CategoryId(category),
                     .rhythm_days = 14,
                     .last_bought_day = day_of(now) - static_cast<std::int32_t>(rng.below(60)),
                     .weight = static_cast<float>(rng.uniform() * 5)});
            }
            for (std::uint32_t product = 1; product <= 200; product += 20) {
                profile.products.push_back({.product = ProductId(product),
                                            .last_bought_day = day_of(now) - 30,
                                            .weight = 1});
            }
            made.profiles.push_back(std::move(profile));
            made.consents.push_back({MemberId(id), everything()});
        }
        return made;
    }

    const std::filesystem::path folder_;
    const bundle::SecretKey key_;
};

}  // namespace vitrine::bench

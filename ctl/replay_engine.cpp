#include "ctl/replay_engine.hpp"

#include <algorithm>
#include <iostream>

#include "agent/daemon/applier.hpp"
#include "agent/daemon/bundle_cache.hpp"

namespace vitrine::ctl {

void load_bundles(const daemon::Config& config, engine::Engine& engine, engine::Now now,
                  engine::Effects& effects) {
    const auto cache = daemon::BundleCache::open(config.state / "bundles");
    if (!cache) return;
    using bundle::Kind;
    for (const Kind kind : {Kind::erasures, Kind::recognition, Kind::profiles, Kind::catalogue,
                            Kind::policy, Kind::model}) {
        auto cached = cache->load(kind, config.verify_keys);
        if (!cached || !*cached) continue;
        if (const auto applied = daemon::apply(**cached, engine, now, effects); !applied) {
            std::cerr << bundle::name_of(kind) << ": " << applied.error().message << '\n';
        }
    }
}

}  // namespace vitrine::ctl

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/centre.hpp"
#include "tests/simulation/store.hpp"

namespace vitrine::simulation {

/// What one run came to.
struct Outcome {
    std::optional<std::string> failure;
    Tally tally;
    std::uint64_t hash = 0;  ///< The same seed and options give the same, bit for bit.
    std::uint64_t steps = 0;
    std::uint64_t resent = 0;
};

/// A whole chain of shops, its broker and its centre, from the opening to the evening, then
/// repaired, then judged.
class World {
  public:
    /// `folder` is empty and the world's own while it lives.
    World(const Options& options, std::filesystem::path folder);
    Outcome run();

  private:
    // world.cpp
    void open_shops();
    Store& add_store(Store::Spec spec);
    void run_for(std::chrono::nanoseconds duration);
    void heal();
    bool quiet();
    bool run_until_quiet(const std::string& what);
    void visits();
    void health();
    void decisions();
    void check_erased();
    void check_counts();
    void check_consents();
    void check_recognition();
    std::uint64_t hash() const;
    std::string restless();

    // faults.cpp
    void begin_faults();
    template <class Happens>
    void every_so_often(double Faults::*an_hour, double times, Happens happens);
    Store& any_store() { return *stores_[context_.rng.below(stores_.size())]; }
    void partition();
    void step_clock();
    void fill_disk();
    void copy_machine();
    void retire(Store& store);
    void copy_files(const Store& from, const std::filesystem::path& to, bool exact);

    Context context_;
    const std::filesystem::path folder_;
    Truth truth_;
    Broker broker_;
    std::vector<StoreId> names_;
    Centre centre_;
    std::vector<std::unique_ptr<Store>> stores_;
    std::vector<std::unique_ptr<Store>> retired_;  ///< Whoever waits for them finds them still.
    std::vector<Store*> clones_;
    std::uint32_t machines_ = 0;
};

}  // namespace vitrine::simulation

#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/ids.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace vitrine::host {

/// One label of a series. Its value is a word of the source or the name of a thing that
/// configuration lists; nothing that names a person, a phone or an event compiles.
class Label {
  public:
    template <std::size_t N, std::size_t M>
    Label(const char (&key)[N], const char (&value)[M]) : key_(key, N - 1), value_(value, M - 1) {}
    template <std::size_t N>
    Label(const char (&key)[N], StoreId value) : key_(key, N - 1), value_(value.view()) {}
    template <std::size_t N>
    Label(const char (&key)[N], AgentId value) : key_(key, N - 1), value_(value.view()) {}
    template <std::size_t N>
    Label(const char (&key)[N], KioskId value) : key_(key, N - 1), value_(value.view()) {}
    template <std::size_t N>
    Label(const char (&key)[N], ZoneId value) : key_(key, N - 1), value_(value.view()) {}
    template <std::size_t N>
    Label(const char (&key)[N], ScannerId value) : key_(key, N - 1), value_(value.view()) {}

    const std::string& key() const { return key_; }
    const std::string& value() const { return value_; }

  private:
    std::string key_;
    std::string value_;
};

using Labels = std::initializer_list<Label>;

/// Only grows. A handle: copy it freely, while the Metrics lives. A default one counts nowhere.
class Counter {
  public:
    Counter() = default;
    void add(std::uint64_t amount = 1);
    /// For a part that counts for itself: brings the series up to its total; never goes back.
    void raise_to(std::uint64_t total);
    std::uint64_t value() const;

  private:
    friend class Metrics;
    explicit Counter(prometheus::Counter& series) : series_(&series) {}
    prometheus::Counter* series_ = nullptr;
};

/// Goes up and down.
class Gauge {
  public:
    Gauge() = default;
    void set(double value);
    void add(double amount);
    double value() const;

  private:
    friend class Metrics;
    explicit Gauge(prometheus::Gauge& series) : series_(&series) {}
    prometheus::Gauge* series_ = nullptr;
};

/// Counts observations by size.
class Histogram {
  public:
    Histogram() = default;
    void observe(double value);

  private:
    friend class Metrics;
    explicit Histogram(prometheus::Histogram& series) : series_(&series) {}
    prometheus::Histogram* series_ = nullptr;
};

/// The registry behind /metrics. Names follow Prometheus: `vitrine_adverts_heard_total`, units in
/// the name. Asking twice for the same name and labels gives the same series. At most
/// `kSeriesMax` series a name; further ones share one with the label `overflow="true"`.
class Metrics {
  public:
    static constexpr std::size_t kSeriesMax = 256;

    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    Counter counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge gauge(std::string_view name, std::string_view help, Labels labels = {});
    /// `bounds`: upper bounds of the buckets, ascending; one for infinity is added.
    Histogram histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                        Labels labels = {});

    /// Called before each exposition, to bring gauges up to date.
    void on_collect(std::function<void()> refresh);

    /// The text format 0.0.4 of Prometheus.
    std::string exposition() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vitrine::host

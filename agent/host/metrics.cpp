#include "agent/host/metrics.hpp"

#include <exception>
#include <map>
#include <sstream>
#include <unordered_map>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "agent/base/check.hpp"

namespace vitrine::host {
namespace {

using SeriesLabels = std::map<std::string, std::string>;

}  // namespace

struct Metrics::State {
    prometheus::Registry registry;
    std::unordered_map<std::string, std::vector<SeriesLabels>> seen;
    std::vector<std::function<void()>> refreshers;

    /// The labels of this series, or the shared ones where the name has too many.
    SeriesLabels admit(std::string_view name, Labels labels) {
        SeriesLabels wanted;
        for (const Label& label : labels) wanted.emplace(label.key(), label.value());
        std::vector<SeriesLabels>& series = seen[std::string(name)];
        for (const SeriesLabels& known : series) {
            if (known == wanted) return wanted;
        }
        if (series.size() >= kSeriesMax) return {{"overflow", "true"}};
        series.push_back(wanted);
        return wanted;
    }

    /// The library throws on a malformed name, or one that is in use for another type: a bug here.
    template <class Builder, class... Arguments>
    auto& add(Builder builder, std::string_view name, std::string_view help, Labels labels,
              Arguments&&... arguments) {
        try {
            auto& family =
                builder.Name(std::string(name)).Help(std::string(help)).Register(registry);
            return family.Add(admit(name, labels), std::forward<Arguments>(arguments)...);
        } catch (const std::exception&) {
            check_failed(std::string(name).c_str(), __FILE__, __LINE__);
        }
    }
};

void Counter::add(std::uint64_t amount) {
    if (series_ != nullptr) series_->Increment(static_cast<double>(amount));
}

void Counter::raise_to(std::uint64_t total) {
    const std::uint64_t now = value();
    if (total > now) add(total - now);
}

std::uint64_t Counter::value() const {
    return series_ == nullptr ? 0 : static_cast<std::uint64_t>(series_->Value());
}

void Gauge::set(double value) {
    if (series_ != nullptr) series_->Set(value);
}

void Gauge::add(double amount) {
    if (series_ != nullptr) series_->Increment(amount);
}

double Gauge::value() const { return series_ == nullptr ? 0 : series_->Value(); }

void Histogram::observe(double value) {
    if (series_ != nullptr) series_->Observe(value);
}

Metrics::Metrics() : state_(std::make_unique<State>()) {}

Metrics::~Metrics() = default;

Counter Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
    return Counter(state_->add(prometheus::BuildCounter(), name, help, labels));
}

Gauge Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
    return Gauge(state_->add(prometheus::BuildGauge(), name, help, labels));
}

Histogram Metrics::histogram(std::string_view name, std::string_view help,
                             std::vector<double> bounds, Labels labels) {
    return Histogram(
        state_->add(prometheus::BuildHistogram(), name, help, labels, std::move(bounds)));
}

void Metrics::on_collect(std::function<void()> refresh) {
    state_->refreshers.push_back(std::move(refresh));
}

std::string Metrics::exposition() const {
    for (const auto& refresh : state_->refreshers) refresh();
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, state_->registry.Collect());
    return std::move(text).str();
}

}  // namespace vitrine::host

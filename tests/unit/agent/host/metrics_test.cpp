#include "agent/host/metrics.hpp"

#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vitrine::host {
namespace {

using testing::HasSubstr;
using testing::Not;

// A series may be named after a shop's things, never after people.
static_assert(std::is_constructible_v<Label, const char (&)[6], KioskId>);
static_assert(!std::is_constructible_v<Label, const char (&)[6], StaffId>);
static_assert(!std::is_constructible_v<Label, const char (&)[6], MemberId>);
static_assert(!std::is_constructible_v<Label, const char (&)[6], std::string>);

TEST(Metrics, ExposesCountersGaugesAndHistogramsAsText) {
    Metrics metrics;
    Counter heard = metrics.counter("vitrine_adverts_heard_total", "Adverts heard",
                                    {{"scanner", ScannerId("door")}});
    heard.add(3);
    heard.add();
    Gauge streams = metrics.gauge("vitrine_streams", "Open streams");
    streams.set(2);
    streams.add(-1);
    Histogram latency = metrics.histogram("vitrine_decision_seconds", "Decisions", {0.001, 0.01});
    latency.observe(0.005);
    const std::string text = metrics.exposition();
    EXPECT_THAT(text, HasSubstr("# TYPE vitrine_adverts_heard_total counter"));
    EXPECT_THAT(text, HasSubstr("vitrine_adverts_heard_total{scanner=\"door\"} 4"));
    EXPECT_THAT(text, HasSubstr("vitrine_streams 1"));
    EXPECT_THAT(text, HasSubstr("vitrine_decision_seconds_bucket{le=\"0.001\"} 0"));
    EXPECT_THAT(text, HasSubstr("vitrine_decision_seconds_bucket{le=\"0.01\"} 1"));
    EXPECT_THAT(text, HasSubstr("vitrine_decision_seconds_count 1"));
}

TEST(Metrics, GivesTheSameSeriesForTheSameNameAndLabels) {
    Metrics metrics;
    metrics.counter("vitrine_x_total", "X").add(2);
    metrics.counter("vitrine_x_total", "X").add(3);
    EXPECT_EQ(metrics.counter("vitrine_x_total", "X").value(), 5U);
}

TEST(Metrics, RaisesACounterToATotalButNeverLowersIt) {
    Metrics metrics;
    Counter counter = metrics.counter("vitrine_x_total", "X");
    counter.raise_to(7);
    counter.raise_to(5);
    EXPECT_EQ(counter.value(), 7U);
}

TEST(Metrics, BoundsTheSeriesOfOneName) {
    Metrics metrics;
    for (std::size_t i = 0; i < Metrics::kSeriesMax + 10; ++i) {
        const auto store = StoreId::parse("s" + std::to_string(i));
        metrics.counter("vitrine_x_total", "X", {{"store", store.value()}}).add();
    }
    const std::string text = metrics.exposition();
    EXPECT_THAT(text, HasSubstr("vitrine_x_total{overflow=\"true\"} 10"));
    EXPECT_THAT(text, Not(HasSubstr("store=\"s256\"")));
}

TEST(Metrics, RefreshesBeforeItIsRead) {
    Metrics metrics;
    Gauge gauge = metrics.gauge("vitrine_backlog_bytes", "Backlog");
    metrics.on_collect([&] { gauge.set(42); });
    EXPECT_THAT(metrics.exposition(), HasSubstr("vitrine_backlog_bytes 42"));
}

TEST(Metrics, ADefaultHandleCountsNowhere) {
    Counter counter;
    counter.add();
    EXPECT_EQ(counter.value(), 0U);
}

TEST(MetricsDeathTest, TreatsAMalformedNameAsABug) {
    Metrics metrics;
    EXPECT_DEATH(metrics.counter("not a name", "X"), "not a name");
}

}  // namespace
}  // namespace vitrine::host

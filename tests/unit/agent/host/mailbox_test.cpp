#include "agent/host/mailbox.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace vitrine::host {
namespace {

using namespace std::chrono_literals;

TEST(Mailbox, HandsOverAllThatWaitedInOneBatchInOrder) {
    Loop loop;
    std::vector<std::vector<int>> batches;
    Mailbox<int> box(
        loop, 8, [&](std::span<int> batch) { batches.emplace_back(batch.begin(), batch.end()); });
    for (const int value : {1, 2, 3}) EXPECT_TRUE(box.try_post(value));
    EXPECT_EQ(box.size(), 3U);
    loop.run_for(10ms);
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_EQ(batches[0], (std::vector{1, 2, 3}));
    EXPECT_TRUE(box.try_post(4));
    loop.run_for(10ms);
    ASSERT_EQ(batches.size(), 2U);
    EXPECT_EQ(batches[1], (std::vector{4}));
}

TEST(Mailbox, RefusesAndCountsWhatDoesNotFit) {
    Loop loop;
    std::size_t received = 0;
    Mailbox<std::unique_ptr<int>> box(
        loop, 2, [&](std::span<std::unique_ptr<int>> batch) { received += batch.size(); });
    EXPECT_TRUE(box.try_post(std::make_unique<int>(1)));
    EXPECT_TRUE(box.try_post(std::make_unique<int>(2)));
    EXPECT_FALSE(box.try_post(std::make_unique<int>(3)));
    EXPECT_EQ(box.dropped(), 1U);
    loop.run_for(10ms);
    EXPECT_EQ(received, 2U);
    EXPECT_TRUE(box.try_post(std::make_unique<int>(4))) << "there is room again";
}

TEST(Mailbox, AHandlerMayPostToItsOwnBox) {
    Loop loop;
    int last = 0;
    std::unique_ptr<Mailbox<int>> box;
    box = std::make_unique<Mailbox<int>>(loop, 1, [&](std::span<int> batch) {
        last = batch.back();
        EXPECT_TRUE(last == 5 || box->try_post(last + 1));
    });
    EXPECT_TRUE(box->try_post(1));
    loop.run_for(20ms);
    EXPECT_EQ(last, 5);
}

struct Item {
    int producer = 0;
    int number = 0;
};

// Law: with any interleaving, received + dropped = posted, each producer's order is kept, and
// nothing stays behind.
TEST(Mailbox, LosesNothingItAcceptedFromManyThreads) {
    constexpr int kProducers = 4;
    constexpr int kEach = 20'000;
    Loop loop;
    std::map<int, int> last;
    std::uint64_t received = 0;
    std::size_t largest = 0;
    Mailbox<Item> box(loop, 64, [&](std::span<Item> batch) {
        largest = std::max(largest, batch.size());
        received += batch.size();
        for (const Item& item : batch) {
            EXPECT_LT(last[item.producer], item.number);
            last[item.producer] = item.number;
        }
    });
    std::atomic<int> running{kProducers};
    std::atomic<std::uint64_t> refused{0};
    std::vector<std::jthread> producers;
    for (int producer = 0; producer < kProducers; ++producer) {
        producers.emplace_back([&, producer] {
            for (int number = 1; number <= kEach; ++number) {
                if (!box.try_post({producer, number})) ++refused;
            }
            --running;
        });
    }
    while (running > 0) loop.run_for(1ms);
    producers.clear();
    loop.run_for(10ms);
    EXPECT_EQ(received + refused, static_cast<std::uint64_t>(kProducers * kEach));
    EXPECT_EQ(box.dropped(), refused);
    EXPECT_LE(largest, 64U);
    EXPECT_EQ(box.size(), 0U);
}

}  // namespace
}  // namespace vitrine::host

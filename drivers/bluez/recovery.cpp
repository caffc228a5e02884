#include "drivers/bluez/recovery.hpp"

#include <algorithm>
#include <utility>

namespace vitrine::bluez {

std::string_view name_of(RecoveryStage stage) {
    switch (stage) {
        case RecoveryStage::well:
            return "well";
        case RecoveryStage::register_again:
            return "register-again";
        case RecoveryStage::power_cycle:
            return "power-cycle";
        case RecoveryStage::reset:
            return "reset";
        case RecoveryStage::given_up:
            return "given-up";
    }
    return "unknown";
}

/// How long the present stage may stay without a sign of life.
std::chrono::nanoseconds Recovery::patience() const {
    if (stage_ == RecoveryStage::given_up) {
        const auto longer = waits_.pause * (1 << std::min(rounds_ - 1, 16u));
        return std::min<std::chrono::nanoseconds>(longer, waits_.pause_max);
    }
    if (stage_ == RecoveryStage::well || life_expected_) return waits_.silence;
    return waits_.quiet_shop;
}

void Recovery::listening(Instant now, bool life_expected) {
    life_expected_ = life_expected;
    failures_ = 0;
    // A pause goes on: that the daemon listens again says nothing of the radio.
    if (stage_ == RecoveryStage::given_up && deadline_) return;
    deadline_ = now + patience();
}

void Recovery::absent() { deadline_.reset(); }

void Recovery::heard(Instant now) {
    if (stage_ != RecoveryStage::well) ++counts_.recovered;
    stage_ = RecoveryStage::well;
    failures_ = 0;
    rounds_ = 0;
    deadline_ = now + waits_.silence;
}

void Recovery::failed(Instant now) {
    if (++failures_ < kFailuresMax) return;
    failures_ = 0;
    if (stage_ == RecoveryStage::given_up) {
        if (!deadline_) deadline_ = now + patience();
        return;
    }
    // The failures were attempts to be registered.
    if (stage_ == RecoveryStage::well) stage_ = RecoveryStage::register_again;
    deadline_ = now;
}

RecoveryStage Recovery::due(Instant now) {
    if (!deadline_ || now < *deadline_) return RecoveryStage::well;
    switch (stage_) {
        case RecoveryStage::well:
        case RecoveryStage::given_up:
            stage_ = RecoveryStage::register_again;
            ++counts_.register_again;
            break;
        case RecoveryStage::register_again:
            stage_ = RecoveryStage::power_cycle;
            ++counts_.power_cycle;
            break;
        case RecoveryStage::power_cycle:
            stage_ = RecoveryStage::reset;
            ++counts_.reset;
            break;
        case RecoveryStage::reset:
            stage_ = RecoveryStage::given_up;
            ++counts_.given_up;
            ++rounds_;
            break;
    }
    deadline_ = now + patience();
    return stage_;
}

}  // namespace vitrine::bluez

#pragma once

#include <gtest/gtest.h>

#include <iostream>
#include <iterator>
#include <string>

#include "ctl/commands.hpp"

namespace vitrine::ctl {

/// What a command said, and how it ended.
struct Said {
    int code = 0;
    std::string out;
    std::string err;
};

/// vitrinectl with these words.
template <class... Words>
Said say(Words... words) {
    const char* const arguments[] = {"vitrinectl", words...};
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Said said{.code = run(static_cast<int>(std::size(arguments)), arguments)};
    std::cout.flush();
    said.out = ::testing::internal::GetCapturedStdout();
    said.err = ::testing::internal::GetCapturedStderr();
    return said;
}

}  // namespace vitrine::ctl

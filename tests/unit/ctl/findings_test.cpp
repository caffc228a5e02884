#include "ctl/findings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace vitrine::ctl {
namespace {

TEST(Findings, ReadASeriesWithoutLabels) {
    const std::string metrics =
        "# HELP vitrine_outbox_records Records that wait for the centre.\n"
        "vitrine_outbox_records_total 7\n"
        "vitrine_outbox_records 12\n"
        "vitrine_http_answers_total{status=\"2xx\"} 3\n";
    EXPECT_EQ(value_of(metrics, "vitrine_outbox_records"), "12");
    EXPECT_EQ(value_of(metrics, "vitrine_http_answers_total"), "");
    EXPECT_EQ(value_of(metrics, "vitrine"), "");
    EXPECT_EQ(value_of("", "vitrine"), "");
}

TEST(Findings, NameAStateFolderThatIsNotThere) {
    daemon::Config config;
    config.state = "/nowhere/at/all";
    const auto findings = examine_machine(config);
    const auto problem = std::ranges::find(findings, Finding::Level::problem, &Finding::level);
    ASSERT_NE(problem, findings.end());
    EXPECT_NE(problem->what.find("/nowhere/at/all"), std::string::npos);
    EXPECT_FALSE(problem->advice.empty());
}

TEST(Findings, SayThatNoAgentAnswers) {
    const auto findings = examine_agent(1);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].level, Finding::Level::problem);
    EXPECT_NE(findings[0].what.find("port 1"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::ctl

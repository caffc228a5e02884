#include "sync/central/importing.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "sync/central/import_offers.hpp"
#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

/// A folder of files for one test.
class Files {
  public:
    Files() : folder_(std::filesystem::temp_directory_path() / name()) {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    ~Files() { std::filesystem::remove_all(folder_); }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    std::string path(const std::string& file) const { return (folder_ / file).string(); }
    std::string put(const std::string& file, const std::string& text) const {
        std::ofstream(path(file), std::ios::binary) << text;
        return path(file);
    }
    std::string pack(const std::string& file, const std::string& text) const {
        const gzFile out = gzopen(path(file).c_str(), "wb");
        gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
        gzclose(out);
        return path(file);
    }
    std::string read(const std::string& file) const {
        std::ifstream in(path(file), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

  private:
    static std::string name() {
        static int count = 0;
        return "vitrine-import-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    }
    std::filesystem::path folder_;
};

ImportOutcome import(Centre& centre, ImportKind kind, const std::string& file,
                     ImportSettings settings = {}) {
    return import_file(centre.connection, kind, file, kNow, settings).value();
}

/// All that was bought, a line a row.
std::string bought(Centre& centre) {
    auto select = centre.connection
                      .prepare(
                          "SELECT member, day, product, category, quantity, cents FROM bought "
                          "ORDER BY 1, 2, 3, 4, 5, 6")
                      .value();
    select.bind();
    std::string all;
    while (select.step().value()) {
        for (int i = 0; i < 6; ++i) all += std::to_string(select.integer(i)) + " ";
        all += "\n";
    }
    return all;
}

constexpr std::string_view kHeader = "member,day,product,category,quantity,cents,order\n";

std::string purchases_csv(int rows) {
    std::string text(kHeader);
    for (int i = 0; i < rows; ++i) {
        text += "00000000000000a1,2024-09-" + std::to_string(10 + i % 20) + "," +
                std::to_string(1 + i % 7) + ",41," + std::to_string(1 + i % 3) + ",150," +
                (i % 2 == 0 ? "" : "r" + std::to_string(i)) + "\n";
    }
    return text;
}

std::string purchases_jsonl(int rows) {
    std::string text;
    for (int i = 0; i < rows; ++i) {
        text += R"({"member":"00000000000000a1","day":"2024-09-)" + std::to_string(10 + i % 20) +
                R"(","product":)" + std::to_string(1 + i % 7) + R"(,"category":41,"quantity":)" +
                std::to_string(1 + i % 3) + R"(,"cents":150)" +
                (i % 2 == 0 ? "" : R"(,"order":"r)" + std::to_string(i) + "\"") + "}\n";
    }
    return text;
}

TEST(Importing, CsvAndJsonLinesPackedOrNotOfTheSameContentGiveTheSameTables) {
    const Files files;
    std::vector<std::string> told;
    for (const std::string& file :
         {files.put("a.csv", purchases_csv(50)), files.put("a.jsonl", purchases_jsonl(50)),
          files.pack("a.csv.gz", purchases_csv(50)), files.pack("b", purchases_jsonl(50))}) {
        Centre centre;
        (void)centre.enrol(kAnaRow);
        const ImportOutcome outcome =
            import(centre, ImportKind::purchases, file, {.chunk_rows = 7});
        EXPECT_EQ(outcome.report.taken, 50U) << file;
        told.push_back(bought(centre));
        (void)import(centre, ImportKind::purchases, file);
        EXPECT_EQ(bought(centre), told.back()) << "twice is once";
    }
    EXPECT_FALSE(told[0].empty());
    for (const std::string& one : told) EXPECT_EQ(one, told[0]);
}

TEST(Importing, StoppedAfterAnyChunkItGoesOnExactlyThere) {
    const Files files;
    std::string text = purchases_csv(23);
    text += "00000000000000ff,2024-09-10,1,41,1,100,\nnonsense\n";
    const std::string file = files.put("p.csv", text);
    Centre whole;
    (void)whole.enrol(kAnaRow);
    const ImportReport expected =
        import(whole, ImportKind::purchases, file, {.chunk_rows = 4}).report;
    ASSERT_EQ(expected.refused, 2U);
    for (int stop = 1; stop <= 6; ++stop) {
        Centre centre;
        (void)centre.enrol(kAnaRow);
        ImportSettings settings{.refused_file = files.path("refused.csv"), .chunk_rows = 4};
        int chunks = 0;
        settings.progress = [&](const ImportProgress&) { return ++chunks < stop; };
        EXPECT_FALSE(import(centre, ImportKind::purchases, file, settings).finished);
        // As if the next chunk had got as far as its refused rows when the power went.
        std::ofstream(files.path("refused.csv"), std::ios::app) << "half a ro";
        settings.progress = nullptr;
        settings.resume = true;
        const ImportOutcome outcome = import(centre, ImportKind::purchases, file, settings);
        EXPECT_TRUE(outcome.finished);
        EXPECT_EQ(outcome.resumed_at, static_cast<std::uint64_t>(2 + 4 * stop));
        EXPECT_EQ(outcome.report.rows, expected.rows);
        EXPECT_EQ(outcome.report.taken, expected.taken);
        EXPECT_EQ(outcome.report.findings.size(), expected.findings.size());
        EXPECT_EQ(bought(centre), bought(whole));
        EXPECT_EQ(files.read("refused.csv"),
                  std::string(kHeader) + "00000000000000ff,2024-09-10,1,41,1,100,\nnonsense\n");
        EXPECT_TRUE(import(centre, ImportKind::purchases, file, settings).was_finished);
    }
}

TEST(Importing, AFileThatChangedSinceItStoppedIsSaid) {
    const Files files;
    Centre centre;
    (void)centre.enrol(kAnaRow);
    ImportSettings settings{.chunk_rows = 4};
    settings.progress = [](const ImportProgress&) { return false; };
    const std::string file = files.put("p.csv", purchases_csv(20));
    (void)import(centre, ImportKind::purchases, file, settings);
    files.put("p.csv", purchases_csv(21));
    const ImportOutcome outcome = import(centre, ImportKind::purchases, file, {.resume = true});
    EXPECT_TRUE(outcome.changed);
    EXPECT_EQ(outcome.resumed_at, 0U);
    EXPECT_EQ(outcome.report.taken, 21U);
}

TEST(Importing, ADryRunFindsAllAndWritesNothing) {
    const Files files;
    Centre centre;
    (void)centre.enrol(kAnaRow);
    const std::string file = files.put("p.csv", purchases_csv(20) + "x,y,z,1,1,1,\n");
    const ImportOutcome outcome =
        import(centre, ImportKind::purchases, file,
               {.dry_run = true, .refused_file = files.path("refused.csv"), .chunk_rows = 6});
    EXPECT_EQ(outcome.report.taken, 20U);
    EXPECT_EQ(outcome.report.refused, 1U);
    EXPECT_EQ(bought(centre), "");
    EXPECT_EQ(centre.number("SELECT count(*) FROM imports"), 0);
    EXPECT_FALSE(std::filesystem::exists(files.path("refused.csv")));
}

std::uint64_t count_of(const ImportReport& report, Flaw flaw, std::string_view column) {
    std::uint64_t count = 0;
    for (const auto& finding : report.findings) {
        if (finding.flaw == flaw && finding.column == column) count += finding.count;
    }
    return count;
}

// REQUIREMENTS T13.
TEST(Importing, TellsWhatIsStrangeAboutEachRow) {
    const Files files;
    Centre centre;
    (void)centre.enrol(kAnaRow);
    const auto products = import(centre, ImportKind::products,
                                 files.put("products.csv",
                                           "product;category;cents;gtin;name_fr\n"
                                           "1;41;150;4006381333931;Café\n"
                                           "2;41;150;4006381333932;Thé\n"
                                           "3;41;;;\n"));
    EXPECT_EQ(products.report.taken, 1U);
    EXPECT_EQ(count_of(products.report, Flaw::impossible, "gtin"), 1U);
    EXPECT_EQ(count_of(products.report, Flaw::missing, "name_fr"), 1U);
    EXPECT_EQ(centre.connection.text_of("SELECT name_fr FROM products").value(), "Café");

    const std::string ana = "00000000000000a1,";
    const auto report =
        import(centre, ImportKind::purchases,
               files.put("p.csv", "Member_ID,date,product,category,quantity,cents\n" +  // 1
                                      ana + "2024-09-01,1,,1,150\n" +       // the product knows
                                      ana + "2024-09-01,1,,1,150\n" +       // twice
                                      ana + "2024-09-01,1,,2,300\n" +       // another quantity
                                      ana + "2020-09-01,1,41,1,150\n" +     // stale
                                      ana + "2099-09-01,1,41,1,150\n" +     // future
                                      ana + "2024-09-02,1,41,1,15000\n" +   // price
                                      ana + "2024-09-02,9,41,1,150\n" +     // unknown product
                                      ana + "2024-09-02,9,,1,150\n" +       // and no category
                                      ana + "2024-09-02,1,41,500,7500\n" +  // many
                                      ana + "2024-09-02,1,41,-5,150\n" +    // negative
                                      "00000000000000b7,2024-09-02,1,41,1,150\n" +
                                      ",2024-09-02,1,41,1,1\n"))
            .report;
    EXPECT_EQ(report.rows, 12U);
    EXPECT_EQ(report.refused, 5U);
    EXPECT_EQ(count_of(report, Flaw::duplicate, ""), 4U);
    EXPECT_EQ(count_of(report, Flaw::stale, "day"), 1U);
    EXPECT_EQ(count_of(report, Flaw::impossible, "day"), 1U);
    EXPECT_EQ(count_of(report, Flaw::impossible, "quantity"), 1U);
    EXPECT_EQ(count_of(report, Flaw::unusual, "cents"), 2U);
    EXPECT_EQ(count_of(report, Flaw::unusual, "quantity"), 1U);
    EXPECT_EQ(count_of(report, Flaw::unknown, "product"), 2U);
    EXPECT_EQ(count_of(report, Flaw::unknown, ""), 1U);
    EXPECT_EQ(count_of(report, Flaw::missing, "member"), 1U);
    EXPECT_EQ(centre.number("SELECT count(*) FROM purchases WHERE category <> 41"), 0);
    const auto kept = kept_imports(centre.connection, 10).value();
    ASSERT_EQ(kept.size(), 2U);
    const auto& last = kept[0].kind == ImportKind::purchases ? kept[0] : kept[1];
    EXPECT_EQ(last.report.refused, 5U);
    EXPECT_TRUE(last.finished.has_value());
    EXPECT_EQ(findings_json(report).find("b7"), std::string::npos) << "what is kept names nobody";
}

TEST(Importing, MembersComeFromASpreadsheetToo) {
    const Files files;
    Centre rows;
    (void)rows.enrol(kAnaRow);
    Centre sheet;
    const auto outcome = import(
        sheet, ImportKind::members,
        files.put(
            "m.csv",
            "\xef\xbb\xbfmember;identity_key;level;language;favourites;calls_me;recognise;"
            "personalise;staff_view;measure\r\n"
            "00000000000000a1;000102030405060708090a0b0c0d0e0f;full;fr;41;Ana;oui;1;true;\r\n"));
    EXPECT_EQ(outcome.report.taken, 1U);
    EXPECT_EQ(sheet.profile_in(kLyon), rows.profile_in(kLyon));
    EXPECT_EQ(sheet.number("SELECT count(*) FROM consents"), 3);
}

TEST(Importing, AHeaderThatIsWrongTakesNothing) {
    const Files files;
    Centre centre;
    const auto refusal = [&](const std::string& text) {
        const auto imported = import_file(centre.connection, ImportKind::purchases,
                                          files.put("p.csv", text), kNow, {});
        return imported ? "taken" : imported.error().message;
    };
    EXPECT_NE(refusal("member,day,colour\n").find("p.csv:1: no column is called 'colour'"),
              std::string::npos);
    EXPECT_NE(refusal("member,product\n").find("column 'day' is missing"), std::string::npos);
    EXPECT_NE(refusal("member,day,date\n").find("column 'day' stands twice"), std::string::npos);
    EXPECT_EQ(centre.number("SELECT count(*) FROM imports"), 0);
}

TEST(Importing, HostileRowsAreRefusedOneByOne) {
    const Files files;
    Centre centre;
    (void)centre.enrol(kAnaRow);
    std::string deep(60'000, '[');
    const std::string row =
        R"({"member":"00000000000000a1","day":"2024-09-01","product":1,"category":41})";
    const auto report =
        import(centre, ImportKind::purchases,
               files.put("p.jsonl", row + "\n" + std::string(10U << 20, 'x') + "\n" + deep + "\n" +
                                        "{\"member\":\"\\u0000\"}\n" + std::string("\0{}\n", 4) +
                                        "{\"day\":1e999}\n" + row))
            .report;
    EXPECT_EQ(report.rows, 7U);
    EXPECT_EQ(report.taken, 2U);
    EXPECT_EQ(report.refusals.at(0).line, 2U);
    EXPECT_EQ(report.refusals.at(4).line, 6U);
}

TEST(Importing, OffersReplaceThoseOfTheCatalogueOrNothingChanges) {
    const Files files;
    Centre centre;
    const auto offers = [&](const std::string& text) {
        return import_offers(centre.connection, files.put("o.csv", text), rows::Format::automatic,
                             kNow, false);
    };
    const std::string header = "id;category;title_fr;value_kind;value;price_cents;valid_until\n";
    EXPECT_EQ(offers(header).error().code, ErrorCode::conflict) << "no categories yet";
    ASSERT_TRUE(put_catalogue(centre.connection,
                              R"({"format":"vitrine-catalogue-1","categories":[{"id":41,)"
                              R"("name":{"fr":"Café"}}],"offers":[]})")
                    .has_value());
    const auto taken = offers(header + "7;41;Café en grains;price;399;399;\n" +
                              "8;41;Thé;price;199;199;2020-01-01T00:00:00Z\n");
    ASSERT_TRUE(taken.has_value()) << taken.error().message;
    EXPECT_EQ(taken->taken, 2U);
    EXPECT_EQ(count_of(*taken, Flaw::stale, "valid_until"), 1U);
    const std::string kept =
        centre.connection.text_of("SELECT value FROM settings WHERE key = 'catalogue'").value();
    const auto wrong = offers(header + "7;41;;price;399;399;\n" + "8;99;Thé;price;x;199;\n");
    ASSERT_FALSE(wrong.has_value());
    EXPECT_NE(wrong.error().message.find("o.csv:2: title"), std::string::npos)
        << wrong.error().message;
    EXPECT_NE(wrong.error().message.find("o.csv:3: "), std::string::npos);
    EXPECT_EQ(
        centre.connection.text_of("SELECT value FROM settings WHERE key = 'catalogue'").value(),
        kept);
}

}  // namespace
}  // namespace vitrine::central

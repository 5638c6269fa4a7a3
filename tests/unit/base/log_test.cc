// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>

namespace amb {
namespace {

constexpr std::int64_t kTime = 1795479268123;  // 2026-11-24T00:14:28.123Z

std::string text(std::initializer_list<LogField> fields) {
  return format_line(LogFormat::text, kTime, LogLevel::info, "listening", fields);
}
std::string json(std::initializer_list<LogField> fields) {
  return format_line(LogFormat::json, kTime, LogLevel::info, "listening", fields);
}

/// The field as a JSON reader sees it.
std::string read_back(const std::string& line, std::string_view key) {
  boost::system::error_code error;
  const auto value = boost::json::parse(line, error);
  if (error) return "no JSON: " + line;
  return std::string(value.at(key).as_string());
}

TEST(FormatLine, PutsTimeLevelAndEventBeforeTheFields) {
  EXPECT_EQ(text({{"link", "redis"}, {"sessions", std::int64_t{3}}}),
            "2026-11-24T00:14:28.123Z info    listening link=redis sessions=3");
  EXPECT_EQ(
      json({{"link", "redis"}, {"sessions", std::int64_t{3}}}),
      R"({"time":"2026-11-24T00:14:28.123Z","level":"info","event":"listening","link":"redis","sessions":3})");
}

TEST(FormatLine, NeedsNoField) {
  EXPECT_EQ(text({}), "2026-11-24T00:14:28.123Z info    listening");
  EXPECT_EQ(json({}), R"({"time":"2026-11-24T00:14:28.123Z","level":"info","event":"listening"})");
}

TEST(FormatLine, NamesEveryLevel) {
  const std::vector<std::pair<LogLevel, std::string>> levels = {{LogLevel::debug, "debug  "},
                                                                {LogLevel::info, "info   "},
                                                                {LogLevel::warning, "warning"},
                                                                {LogLevel::error, "error  "}};
  for (const auto& [level, word] : levels) {
    EXPECT_EQ(format_line(LogFormat::text, kTime, level, "e", {}), "2026-11-24T00:14:28.123Z " + word + " e");
  }
  EXPECT_EQ(read_back(format_line(LogFormat::json, 0, LogLevel::warning, "e", {}), "level"), "warning");
}

TEST(FormatLine, CountsTimeFrom1970InUtc) {
  EXPECT_EQ(format_line(LogFormat::text, 0, LogLevel::info, "e", {}), "1970-01-01T00:00:00.000Z info    e");
  EXPECT_EQ(format_line(LogFormat::text, 951'782'400'007, LogLevel::info, "e", {}),
            "2000-02-29T00:00:00.007Z info    e");
}

TEST(FormatLine, WritesNumbersAsNumbers) {
  EXPECT_EQ(text({{"n", std::int64_t{-1}}}), text({}) + " n=-1");
  const auto value = boost::json::parse(json({{"n", std::numeric_limits<std::int64_t>::min()}}));
  EXPECT_EQ(value.at("n").as_int64(), std::numeric_limits<std::int64_t>::min());
}

struct Quoting {
  std::string value, expected;
  const char* because;
};

void PrintTo(const Quoting& one, std::ostream* out) { *out << one.because; }

class TextValue : public testing::TestWithParam<Quoting> {};

TEST_P(TextValue, IsQuotedWhenItCouldBeMisread) {
  EXPECT_EQ(text({{"v", GetParam().value}}), text({}) + " v=" + GetParam().expected) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Values, TextValue,
    testing::Values(Quoting{"[::]:6379", "[::]:6379", "an address stands as it is"},
                    Quoting{"", "\"\"", "nothing is visible as nothing"},
                    Quoting{"two words", "\"two words\"", "a space would end the value"},
                    Quoting{"a=b", "\"a=b\"", "an equals sign would begin another"},
                    Quoting{"a,b", "\"a,b\"", "a comma"},
                    Quoting{"x\nforged", R"(x\nforged)", "a line end cannot forge a line"},
                    Quoting{"say \"hi\"", R"("say \"hi\"")", "a quote cannot end the quotes"},
                    Quoting{"\x1b[2J", R"(\x1b[2J)", "no sequence reaches the terminal"},
                    Quoting{"x level=error", "\"x level=error\"", "a field cannot be forged"}));

struct Hostile {
  std::string value, expected;
  const char* because;
};

void PrintTo(const Hostile& one, std::ostream* out) { *out << one.because; }

class JsonValue : public testing::TestWithParam<Hostile> {};

TEST_P(JsonValue, ReadsBackAsTheEscapedText) {
  const std::string line = json({{"v", GetParam().value}});
  EXPECT_EQ(line.find_first_of("\n\r"), std::string::npos) << line;
  EXPECT_EQ(read_back(line, "v"), GetParam().expected) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Values, JsonValue,
    testing::Values(Hostile{"tcp://redis:6379", "tcp://redis:6379", "plain text"},
                    Hostile{"x\",\"level\":\"error", R"(x\",\"level\":\"error)", "no key can be forged"},
                    Hostile{"\\", R"(\\)", "a backslash cannot eat the closing quote"},
                    Hostile{"a\nb", R"(a\nb)", "one event stays one line"},
                    Hostile{std::string("a\0b", 3), R"(a\x00b)", "NUL ends nothing"},
                    Hostile{"\xff\xfe", R"(\xff\xfe)", "JSON must be UTF-8, whatever came in"},
                    Hostile{"größe 雪", "größe 雪", "text of any language passes"},
                    Hostile{"\xe2\x80\xa8", R"(\xe2\x80\xa8)",
                            "no line separator for JavaScript's readers"}));

TEST(FormatLine, GivesOneShortLineOfValidJsonWhateverTheBytes) {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 600, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string line = json({{"a", bytes}, {"b", bytes}, {"c", bytes}, {"d", bytes}});
    boost::system::error_code error;
    const auto value = boost::json::parse(line, error);
    ASSERT_FALSE(error) << line;
    ASSERT_EQ(value.as_object().size(), 7U) << line;
    ASSERT_EQ(line.find('\n'), std::string::npos);
    ASSERT_LT(line.size(), 4096U) << "a pipe takes this much at once, never half a line";
  }
}

}  // namespace
}  // namespace amb

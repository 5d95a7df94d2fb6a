#include "sources/encoding.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <string>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "support/result_checks.h"

namespace coreshed::sources {
namespace {

using std::string_literals::operator""s;

class Encodings : public ::testing::Test {
 protected:
  static std::shared_ptr<InputFile> Input(const std::string& bytes) {
    return Must(InputFile::OfBytes(arrow::Buffer::FromString(bytes), "t.csv"));
  }
  static OpenFileOptions Given(const std::string& encoding) {
    OpenFileOptions options;
    options.encoding = encoding;
    return options;
  }
  /// The file's bytes in UTF-8; warnings_ are those of the last call.
  std::string Text(const std::string& bytes, const std::string& given = "") {
    warnings_.clear();
    const auto text = Must(AsUtf8(Input(bytes), Given(given), &warnings_));
    EXPECT_EQ(text->name(), "t.csv");
    EXPECT_EQ(text->stem(), "t");
    return Must(text->Head(text->size() + 1));
  }
  /// The line of the error.
  std::string Refused(const std::string& bytes, const std::string& given = "") {
    const Error error = MustFail(AsUtf8(Input(bytes), Given(given), &warnings_));
    EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
    EXPECT_EQ(error.fields.at("file"), "t.csv");
    message_ = error.message;
    return error.fields.at("line");
  }
  static std::string Utf16(const std::u16string& text, bool big) {
    std::string bytes;
    for (const char16_t unit : text) {
      const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
      bytes += big ? std::string{high, low} : std::string{low, high};
    }
    return bytes;
  }

  std::vector<std::string> warnings_;
  std::string message_;
};

TEST_F(Encodings, Utf8StaysTheSameFile) {
  for (const std::string& bytes :
       {""s, "a,b\n"s, "\xEF\xBB\xBF"s + "a\xC3\xA9\n"s, "\xF0\x9F\x98\x80"s, "\x7F\x01"s}) {
    const auto input = Input(bytes);
    EXPECT_EQ(Must(AsUtf8(input, {}, &warnings_)), input);
    EXPECT_EQ(Must(AsUtf8(input, Given("utf-8"), &warnings_)), input);
  }
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(Encodings, Windows1252) {
  EXPECT_EQ(Text("a,b\r\n1,caf\xE9\r\n\x80\x93x\x94,2\n"),
            "a,b\r\n1,caf\xC3\xA9\r\n\xE2\x82\xAC\xE2\x80\x9Cx\xE2\x80\x9D,2\n");
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(warnings_[0], "t.csv is not UTF-8 (line 2): read as Windows-1252 (Latin-1).");
  EXPECT_EQ(Text("a\rb\rc\xE9"), "a\rb\rc\xC3\xA9");
  EXPECT_EQ(
      warnings_.at(0),
      "t.csv is not UTF-8 (line 3): read as Windows-1252 (Latin-1); or it is UTF-8 and was cut "
      "off, for only its end is at fault.");
  EXPECT_EQ(Text("a\xFF\xE9"s), "a\xC3\xBF\xC3\xA9");
}

TEST_F(Encodings, LookingThroughAFileCanBeCancelled) {
  std::stop_source stop;
  stop.request_stop();
  OpenFileOptions options;
  options.stop = stop.get_token();
  const auto read = AsUtf8(Input("a"), options, &warnings_);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::kCancelled);
}

TEST_F(Encodings, EveryByteOfWindows1252) {
  for (int byte = 0x80; byte < 0x100; ++byte) {
    const std::string bytes = "x" + std::string(1, static_cast<char>(byte)) + "y";
    if (byte == 0x81 || byte == 0x8D || byte == 0x8F || byte == 0x90 || byte == 0x9D) {
      EXPECT_EQ(Refused("a\r\n" + bytes), "2");
      EXPECT_EQ(Refused(bytes, "latin-1"), "1");
    } else {
      const std::string text = Text(bytes);
      EXPECT_EQ(text, Text(bytes, "latin-1"));
      if (byte >= 0xA0) {
        const char lead = byte < 0xC0 ? '\xC2' : '\xC3';
        EXPECT_EQ(text, "x"s + lead + static_cast<char>(0x80 | (byte & 0x3F)) + "y");
      } else {
        EXPECT_GE(text.size(), 4U);
      }
    }
  }
}

TEST_F(Encodings, NobodyCanTell) {
  EXPECT_EQ(Refused("a\n\xC3\xA9\nx\xE9y\n"), "3");
  EXPECT_NE(message_.find("--encoding latin-1"), std::string::npos) << message_;
  EXPECT_EQ(Refused("a\nx\xE9y\n\xC3\xA9\n"), "2") << "also where the bad byte is first";
  EXPECT_EQ(Refused("\xEF\xBB\xBF"s + "a\nx\xE9y\n"), "2") << "marked as UTF-8";
  EXPECT_EQ(Refused("a\n\xC3\xA9\n\xC3"), "3") << "cut off";
  EXPECT_EQ(Text("\xC3\xA9\nx\xE9y\n", "latin-1"), "\xC3\x83\xC2\xA9\nx\xC3\xA9y\n");
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(Encodings, WhatIsNoText) {
  EXPECT_EQ(Refused("PAR1\n\x15\x04\xFF"), "2") << "control characters";
  EXPECT_EQ(Refused("a\n\0b\xFF"s), "2");
  EXPECT_NE(message_.find("no text file"), std::string::npos);
  EXPECT_EQ(Refused("a\n\0b\xE9"s, "latin-1"), "2");
  EXPECT_EQ(Text("\x01\xE9", "latin-1"), "\x01\xC3\xA9");
}

TEST_F(Encodings, IllFormedUtf8) {
  for (const char* bytes :
       {"\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xE2\x82", "\xFF"}) {
    EXPECT_EQ(Refused("\xC3\xA9\n"s + bytes), "2");
    EXPECT_EQ(Refused("\n\n"s + bytes, "utf-8"), "3");
  }
}

TEST_F(Encodings, CharactersCutByPieces) {
  constexpr size_t kPiece = size_t{1} << 20;
  for (size_t before = kPiece - 5; before <= kPiece; ++before) {
    const std::string text = std::string(before, 'x') + "\xF0\x9F\x98\x80\n\xE2\x82\xAC";
    EXPECT_EQ(Text(text), text);
    EXPECT_EQ(Refused("\n" + text + "\xE9z"), "3");
  }
  const std::string half(kPiece / 2 - 1, 'x');
  const std::u16string wide =
      u"\uFEFF" + std::u16string(half.begin() + 1, half.end()) + u"\U0001F600z";
  for (const bool big : {false, true}) {
    EXPECT_EQ(Text(Utf16(wide, big)), half.substr(1) + "\xF0\x9F\x98\x80z");
  }
}

TEST_F(Encodings, Utf16) {
  const std::u16string text = u"a,b\r\n1,caf\u00E9\n\u20AC,\U0001F600\n";
  const std::string utf8 = "a,b\r\n1,caf\xC3\xA9\n\xE2\x82\xAC,\xF0\x9F\x98\x80\n";
  for (const bool big : {false, true}) {
    EXPECT_EQ(Text(Utf16(u"\uFEFF" + text, big)), utf8);
    EXPECT_EQ(warnings_.at(0),
              "t.csv is not UTF-8: read as UTF-16 ("s + (big ? "big" : "little") + "-endian).");
    EXPECT_EQ(Text(Utf16(u"\uFEFF" + text, big), "utf-16"), utf8);
    EXPECT_TRUE(warnings_.empty());
    const std::u16string ascii(40, u'x');
    EXPECT_EQ(Text(Utf16(ascii + text, big)), std::string(40, 'x') + utf8) << "without a mark";
    EXPECT_EQ(warnings_.size(), 1U);
  }
  EXPECT_EQ(Text(Utf16(u"ab", false)), "ab");
}

TEST_F(Encodings, DamagedUtf16) {
  for (const bool big : {false, true}) {
    const auto line = [&](std::u16string text) { return Refused(Utf16(u"\uFEFF" + text, big)); };
    EXPECT_EQ(line(u"a\nb"s + char16_t{0xD800} + u"c"), "2") << "lone surrogates";
    EXPECT_EQ(line(u"a\r\nb"s + char16_t{0xDC00} + u"c"), "2");
    EXPECT_EQ(line(u"a\n"s + char16_t{0xD800}), "2");
    EXPECT_EQ(line(u"a\n"s + char16_t{0xD800} + char16_t{0xD800}), "2");
    EXPECT_EQ(line(u"a\n\0b"s), "2");
    EXPECT_NE(message_.find("zero"), std::string::npos);
    EXPECT_EQ(Refused(Utf16(u"\uFEFFa\nb", big) + "c"), "2") << "an odd number of bytes";
  }
}

TEST_F(Encodings, GivenIsStrict) {
  EXPECT_EQ(Refused("a\nb\xE9", "utf-8"), "2");
  EXPECT_EQ(Refused("abcdef", "utf-16"), "1");
  EXPECT_EQ(Refused("", "utf-16"), "1");
  EXPECT_EQ(Refused(Utf16(u"\uFEFFab", false), "utf-8"), "1");
  EXPECT_EQ(Refused("\xEF\xBB\xBF"s + "a\xE9", "latin-1"), "1");
  EXPECT_EQ(MustFail(AsUtf8(Input("a"), Given("ebcdic"), &warnings_)).kind,
            ErrorKind::kInvalidArgument);
}

TEST_F(Encodings, Cancelled) {
  std::stop_source source;
  source.request_stop();
  OpenFileOptions options;
  options.stop = source.get_token();
  EXPECT_EQ(MustFail(AsUtf8(Input("\xE9"), options, &warnings_)).kind, ErrorKind::kCancelled);
}

TEST_F(Encodings, CsvFiles) {
  const std::string latin = "name;n\nJos\xE9;1\n",
                    utf16 = "\xFF\xFE" + Utf16(u"name;n\nJos\u00E9;1\n", false);
  const std::string plain =
      Utf16(u"name;number;another\nJos\u00E9;1;2\n" + std::u16string(3, u'\n'), true);
  for (const auto& bytes : {latin, utf16, plain}) {
    auto opened = Must(OpenFile({"", arrow::Buffer::FromString(bytes), "t.csv"}));
    EXPECT_EQ(opened.source.sha256, Sha256Hex(bytes));
    EXPECT_EQ(opened.source.size_bytes, static_cast<int64_t>(bytes.size()));
    EXPECT_EQ(opened.tables[0].name, "t");
    EXPECT_EQ(opened.warnings.size(), 1U);
    const auto table = opened.tables[0].reader->ToTable().ValueOrDie();
    EXPECT_EQ(table->column(0)->GetScalar(0).ValueOrDie()->ToString(), "Jos\xC3\xA9");
    EXPECT_EQ(table->schema()->field(1)->type()->ToString(), "int64");
  }
  const auto fail = [](const std::string& bytes, const std::string& given) {
    return MustFail(OpenFile({"", arrow::Buffer::FromString(bytes), "t.csv"}, Given(given)));
  };
  EXPECT_EQ(fail(latin, "utf-8").fields.at("line"), "2");
  EXPECT_EQ(fail(latin, "ascii").kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(fail("a,b\nJos\xE9,1,2\n", "").fields.at("line"), "2")
      << "other faults keep their line";
}

}  // namespace
}  // namespace coreshed::sources

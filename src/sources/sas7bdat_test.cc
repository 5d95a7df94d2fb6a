#include <arrow/api.h>
#include <coreshed/sources.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <readstat.h>

#include <cstring>
#include <fstream>
#include <random>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "support/result_checks.h"

namespace coreshed::sources {
namespace {

using Strings = std::vector<std::string>;

std::string Sample(const std::string& name) {
  std::ifstream file(std::string(CORESHED_TEST_DATA "/sas/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A function of ReadStat's, which the library loads in the same way.
template <typename Function>
Function* Of(const char* name, Function*) {
  void* library = dlopen("libreadstat.so.1", RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(library, nullptr);
  return reinterpret_cast<Function*>(dlsym(library, name));
}
#define READSTAT(name) Of("readstat_" #name, static_cast<decltype(&readstat_##name)>(nullptr))

/// A data set of the variables NUM (8.2), DAY (DATE9.), TEXT, as ReadStat writes them.
std::string Written(int rows, bool compressed, bool wide = true, const std::string& text = "x") {
  std::string bytes;
  readstat_writer_t* writer = READSTAT(writer_init)();
  READSTAT(set_data_writer)
  (writer, [](const void* data, size_t size, void* to) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
  });
  READSTAT(writer_set_table_name)(writer, "MADE");
  READSTAT(writer_set_file_format_is_64bit)(writer, wide ? 1 : 0);
  if (compressed) READSTAT(writer_set_compression)(writer, READSTAT_COMPRESS_ROWS);
  auto* number = READSTAT(add_variable)(writer, "NUM", READSTAT_TYPE_DOUBLE, 8);
  READSTAT(variable_set_label)(number, "A number");
  auto* day = READSTAT(add_variable)(writer, "DAY", READSTAT_TYPE_DOUBLE, 8);
  READSTAT(variable_set_format)(day, "DATE9");
  auto* name = READSTAT(add_variable)(writer, "TEXT", READSTAT_TYPE_STRING, 20);
  READSTAT(begin_writing_sas7bdat)(writer, &bytes, rows);
  for (int row = 0; row < rows; ++row) {
    READSTAT(begin_row)(writer);
    if (row % 3 == 2) {
      READSTAT(insert_tagged_missing_value)(writer, number, 'B');
      READSTAT(insert_missing_value)(writer, day);
    } else {
      READSTAT(insert_double_value)(writer, number, row + 0.1);
      READSTAT(insert_double_value)(writer, day, row);
    }
    READSTAT(insert_string_value)(writer, name, row % 3 == 1 ? "" : text.c_str());
    READSTAT(end_row)(writer);
  }
  EXPECT_EQ(READSTAT(end_writing)(writer), READSTAT_OK);
  READSTAT(writer_free)(writer);
  return bytes;
}

class Sas7bdat : public ::testing::Test {
 protected:
  static Result<OpenedFile> Open(const std::string& bytes) {
    return OpenFile({"", arrow::Buffer::FromString(bytes), "t.sas7bdat"});
  }
  std::shared_ptr<arrow::Table> Read(const std::string& bytes) {
    auto opened = Must(Open(bytes));
    EXPECT_EQ(opened.source.sha256, Sha256Hex(bytes));
    EXPECT_EQ(opened.tables.size(), 1U);
    EXPECT_EQ(opened.tables[0].name, "t");
    warnings_ = opened.warnings;
    auto table = opened.tables[0].reader->ToTable();
    EXPECT_TRUE(table.ok()) << table.status().ToString();
    EXPECT_TRUE((*table)->ValidateFull().ok());
    return *table;
  }
  /// The message of the error, which is kValidation.
  static std::string Fails(const std::string& bytes) {
    const Error error = MustFail(Open(bytes));
    EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
    EXPECT_EQ(error.fields.at("file"), "t.sas7bdat");
    return error.message;
  }
  static bool Says(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  }
  static std::string Value(const arrow::Table& table, int column, int64_t row) {
    return table.column(column)->GetScalar(row).ValueOrDie()->ToString();
  }

  Strings warnings_;
};

TEST_F(Sas7bdat, WrittenBySas) {
  const auto table = Read(Sample("datetime.sas7bdat"));
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(table->num_rows(), 4);
  EXPECT_EQ(table->schema()->field_names(), (Strings{"VAR1", "VAR2", "VAR3", "VAR4", "VAR5"}));
  EXPECT_EQ(Value(*table, 0, 0), "2015-02-02 14:42:12.000000");
  EXPECT_EQ(Value(*table, 0, 3), "1948-09-09 21:32:00.000000");
  for (int column = 1; column <= 3; ++column)
    EXPECT_EQ(Value(*table, column, 1), "2014-01-01");
  EXPECT_EQ(Value(*table, 4, 2), "06:15:22.000000");
  const auto format = table->schema()->field(2)->metadata()->Get("sas_format").ValueOrDie();
  EXPECT_TRUE(format.starts_with("DATE")) << format;
}

TEST_F(Sas7bdat, WrittenByReadStat) {
  for (const bool compressed : {false, true}) {
    for (const bool wide : {false, true}) {
      constexpr int kRows = 3000;  // several pages
      const auto table = Read(Written(kRows, compressed, wide));
      ASSERT_EQ(table->num_rows(), kRows);
      EXPECT_EQ(table->schema()->field(0)->type()->ToString(), "double");
      EXPECT_EQ(table->schema()->field(1)->type()->ToString(), "date32[day]");
      for (int row = 0; row < kRows; ++row) {
        const auto& numbers = *table->column(0);
        const auto number =
            std::static_pointer_cast<arrow::DoubleScalar>(numbers.GetScalar(row).ValueOrDie());
        EXPECT_EQ(number->is_valid, row % 3 != 2);
        if (number->is_valid) {
          EXPECT_EQ(number->value, row + 0.1);
        }
        EXPECT_EQ(Value(*table, 2, row), row % 3 == 1 ? "null" : "x");
      }
      EXPECT_EQ(Value(*table, 1, 0), "1960-01-01");
      EXPECT_EQ(warnings_,
                Strings{"t.sas7bdat: special missing values are read as null: NUM .B 1000."});
      EXPECT_EQ(table->schema()->field(0)->metadata()->Get("label").ValueOrDie(), "A number");
      EXPECT_EQ(table->schema()->metadata()->Get("sas_name").ValueOrDie(), "MADE");
    }
  }
}

TEST_F(Sas7bdat, NoRows) {
  const auto table = Read(Written(0, false));
  EXPECT_EQ(table->num_rows(), 0);
  EXPECT_EQ(table->schema()->field(1)->type()->ToString(), "date32[day]") << "the format tells";
}

TEST_F(Sas7bdat, Encodings) {
  constexpr size_t kEncodingAt = 70;
  const auto text = [&](const std::string& bytes, int encoding) {
    std::string file = Written(1, false, true, bytes);
    file[kEncodingAt] = static_cast<char>(encoding);
    return Value(*Read(file), 2, 0);
  };
  constexpr int kNone = 0, kUtf8 = 20, kAscii = 28, kLatin1 = 29, kCyrillic = 61, kShiftJis = 138;
  EXPECT_EQ(text("caf\xC3\xA9", kUtf8), "caf\xC3\xA9");
  EXPECT_EQ(text("caf\xE9\x80", kLatin1), "caf\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(text("\xC4\xE0", kCyrillic), "\xD0\x94\xD0\xB0");
  EXPECT_EQ(text("\x93\xFA", kShiftJis), "\xE6\x97\xA5");
  EXPECT_EQ(text("abcdefghijklmnopqrs\x93", kShiftJis), "abcdefghijklmnopqrs") << "cut by SAS";
  EXPECT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(text("caf\xC3\xA9", kNone), "caf\xC3\xA9");
  EXPECT_TRUE(warnings_.empty());
  for (const int encoding : {kNone, kAscii}) {
    EXPECT_EQ(text("caf\xE9", encoding), "caf\xC3\xA9");
    EXPECT_EQ(warnings_.size(), 1U) << "nobody said so";
  }
  const auto fails = [&](const std::string& bytes, int encoding) {
    std::string file = Written(1, false, true, bytes);
    file[kEncodingAt] = static_cast<char>(encoding);
    return Fails(file);
  };
  EXPECT_TRUE(Says(fails("caf\xE9", kUtf8), "row 1, variable 3"));
  EXPECT_TRUE(Says(fails("\x81", kLatin1), "row 1, variable 3"));
  EXPECT_TRUE(Says(fails("\x93", kShiftJis), "row 1, variable 3")) << "cut, but not by SAS";
  EXPECT_TRUE(Says(fails("x", 1), "character set"));
}

TEST_F(Sas7bdat, DeletedRowsAreRefused) {
  std::string file = Sample("datetime.sas7bdat");
  constexpr size_t kPageTypeAt = 1024 + 16;
  file[kPageTypeAt] = static_cast<char>(file[kPageTypeAt] | 0x80);
  EXPECT_TRUE(Says(Fails(file), "deleted rows"));
  std::string wide = Written(3000, false);
  uint32_t header = 0;
  constexpr size_t kHeaderSizeAt = 196, kWidePageTypeAt = 32;
  std::memcpy(&header, wide.data() + kHeaderSizeAt, sizeof header);
  wide[header + kWidePageTypeAt] = static_cast<char>(wide[header + kWidePageTypeAt] | 0x80);
  EXPECT_TRUE(Says(Fails(wide), "deleted rows"));
}

TEST_F(Sas7bdat, WhatIsNoDataSet) {
  EXPECT_TRUE(Says(Fails(""), "empty"));
  EXPECT_TRUE(Says(Fails("a,b\n1,2\n"), "no SAS data set"));
  EXPECT_TRUE(Says(Fails(std::string(10'000, '\0')), "no SAS data set"));
  const std::string whole = Written(3000, false);
  for (size_t size = 0; size < whole.size(); size += 509)
    EXPECT_TRUE(Says(Fails(whole.substr(0, size)), "t.sas7bdat")) << size;
  EXPECT_TRUE(Says(Fails(whole.substr(0, whole.size() - 1)), "cut off"));
}

TEST_F(Sas7bdat, GivenUpHalfWay) {
  auto opened = Must(Open(Written(200'000, false)));
  std::shared_ptr<arrow::RecordBatch> batch;
  EXPECT_TRUE(opened.tables[0].reader->ReadNext(&batch).ok());
  EXPECT_EQ(batch->num_rows(), 65'536);
}

TEST_F(Sas7bdat, ChangedBytesNeverCrash) {
  std::mt19937 random(3);
  for (const auto& good :
       {Sample("datetime.sas7bdat"), Written(60, false, false), Written(60, true)}) {
    for (int round = 0; round < 700; ++round) {
      std::string bad = good;
      for (int change = 0; change < 1 + round % 8; ++change) {
        // Most of such a file is zero bytes that mean nothing.
        size_t at = random() % bad.size();
        for (int more = 0; more < 50 && bad[at] == 0; ++more)
          at = random() % bad.size();
        bad[at] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
      }
      if (round % 10 == 0) bad.resize(random() % bad.size());
      const auto opened = Open(bad);
      if (!opened) {
        EXPECT_FALSE(opened.error().message.empty());
        continue;
      }
      auto read = opened->tables[0].reader->ToTable();
      EXPECT_TRUE(!read.ok() || (*read)->ValidateFull().ok());
    }
  }
}

}  // namespace
}  // namespace coreshed::sources

#include <arrow/api.h>
#include <coreshed/sources.h>
#include <coreshed/validation.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "sources/sas_columns.h"
#include "sources/test_xpt_file.h"
#include "support/result_checks.h"

namespace coreshed::sources {
namespace {

using std::string_literals::operator""s;
using Strings = std::vector<std::string>;

OpenFileOptions Given(const std::string& encoding) {
  OpenFileOptions options;
  options.encoding = encoding;
  return options;
}

Result<OpenedFile> Open(const std::string& bytes, const std::string& name = "t.xpt",
                        const OpenFileOptions& options = {}) {
  return OpenFile({"", arrow::Buffer::FromString(bytes), name}, options);
}

std::string Sample(const std::string& name) {
  std::ifstream file(std::string(CORESHED_TEST_DATA "/sas/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Sas : public ::testing::Test {
 protected:
  std::shared_ptr<arrow::Table> Read(const std::string& bytes, const std::string& name = "t.xpt",
                                     const OpenFileOptions& options = {}) {
    auto opened = Must(Open(bytes, name, options));
    EXPECT_EQ(opened.source.sha256, Sha256Hex(bytes));
    warnings_.clear();
    left_out_.clear();
    for (const auto& warning : opened.warnings) {
      if (Says(warning, "ends in blanks")) {
        left_out_ = warning;
      } else {
        warnings_.push_back(warning);
      }
    }
    names_.clear();
    for (const auto& table : opened.tables)
      names_.push_back(table.name);
    auto table = opened.tables[0].reader->ToTable();
    EXPECT_TRUE(table.ok()) << table.status().ToString();
    EXPECT_TRUE((*table)->ValidateFull().ok());
    return *table;
  }
  /// The error of opening or of reading.
  static Error Fails(const std::string& bytes, const std::string& name = "t.xpt",
                     const OpenFileOptions& options = {}) {
    auto opened = Open(bytes, name, options);
    if (!opened) return opened.error();
    for (const auto& one : opened->tables) {
      auto table = one.reader->ToTable();
      if (!table.ok()) return FromArrow(table.status(), "reading");
    }
    ADD_FAILURE() << "was read";
    return Error{};
  }
  static bool Says(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  }
  /// The values of a column, as Arrow writes them.
  static Strings Values(const arrow::Table& table, int column) {
    Strings values;
    for (int64_t row = 0; row < table.num_rows(); ++row)
      values.push_back(table.column(column)->GetScalar(row).ValueOrDie()->ToString());
    return values;
  }
  static std::string Type(const arrow::Table& table, int column) {
    return table.schema()->field(column)->type()->ToString();
  }
  static std::string Metadata(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata,
                              const std::string& key) {
    return metadata == nullptr ? "<none>" : metadata->Get(key).ValueOr("<none>");
  }

  Strings warnings_, names_;
  std::string left_out_;  ///< what is warned of short files that have no numbers
};

/// A file of one data set with one variable of numbers.
std::string OneNumber(const std::vector<double>& values, const std::string& format) {
  XptFile file;
  file.Begin("T", {{"X", 8, false, "", format, 9}});
  for (const double value : values)
    file.Number(value);
  return file.Finish();
}

/// The same of texts.
std::string OneText(const Strings& values, int width, int version = 5) {
  XptFile file(version);
  file.Begin("T", {{"X", width, true}});
  for (const auto& value : values)
    file.Text(value, static_cast<size_t>(width));
  return file.Finish();
}

TEST_F(Sas, FilesOfAnotherWriter) {
  for (const std::string version : {"5", "8"}) {
    const auto table = Read(Sample("demo_v" + version + ".xpt"), "DM.xpt");
    EXPECT_EQ(names_, Strings{"DM"});
    EXPECT_TRUE(warnings_.empty());
    EXPECT_EQ(table->schema()->field_names(),
              (Strings{"USUBJID", "AGE", "NAME", "RFSTDTC", "AT", "TIM", "BIG"}));
    EXPECT_EQ(Values(*table, 0), (Strings{"01-701", "01-702", "01-703"}));
    EXPECT_EQ(Values(*table, 1), (Strings{"61", "null", "-33.515625"}));
    EXPECT_EQ(Values(*table, 2), (Strings{"Zo\xC3\xAB", "null", " x y"}));
    EXPECT_EQ(Values(*table, 3), (Strings{"1960-01-01", "2020-03-26", "null"}));
    EXPECT_EQ(Values(*table, 4),
              (Strings{"2022-01-18 00:00:00.250000", "null", "1960-01-01 00:00:00.000000"}));
    EXPECT_EQ(Values(*table, 5),
              (Strings{"00:00:00.000000", "23:59:59.000000", "01:00:00.500000"}));
    const auto& big = static_cast<const arrow::DoubleArray&>(*table->column(6)->chunk(0));
    EXPECT_EQ(big.Value(0), 9007199254740992.0);
    EXPECT_EQ(big.Value(2), 0.1);
    const auto age = table->schema()->field(1)->metadata();
    EXPECT_EQ(Metadata(age, "label"), version == "5"
                                          ? "Age in years"
                                          : "Age in years (a label of more than forty characters)");
    EXPECT_EQ(Metadata(age, "sas_format"), "BEST12.");
    EXPECT_EQ(Metadata(table->schema()->field(3)->metadata(), "sas_format"), "DATE9.");
    EXPECT_EQ(table->schema()->field(6)->metadata(), nullptr);
    EXPECT_EQ(Metadata(table->schema()->metadata(), "label"), "Demographics");
    EXPECT_EQ(Metadata(table->schema()->metadata(), "sas_name"), "DM");
  }
}

TEST_F(Sas, NumbersAreExact) {
  std::mt19937_64 random(1);
  std::vector<double> values = {0,    1,    -1, 0.1, 1.0 / 3, 1e15 + 0.5, 9007199254740993.0,
                                7e74, 1e-70};
  for (int i = 0; i < 1000; ++i)
    values.push_back(
        std::ldexp(static_cast<double>(random()) - 0x1p63, static_cast<int>(random() % 300) - 200));
  const auto table = Read(OneNumber(values, ""));
  EXPECT_EQ(Type(*table, 0), "double");
  ASSERT_EQ(table->num_rows(), static_cast<int64_t>(values.size()));
  const auto& read = static_cast<const arrow::DoubleArray&>(*table->column(0)->chunk(0));
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(read.Value(static_cast<int64_t>(i)), values[i]);
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(Values(*Read(OneNumber({-0.0}, "")), 0), Strings{"-0"});
}

TEST_F(Sas, ShortNumbers) {
  XptFile file;
  std::vector<XptFile::Variable> variables;
  for (int width = 2; width <= 8; ++width)
    variables.push_back({"N" + std::to_string(width), width});
  file.Begin("T", variables);
  for (int width = 2; width <= 8; ++width)
    file.Number(-12, width);
  const auto table = Read(file.Finish());
  for (int i = 0; i < 7; ++i)
    EXPECT_EQ(Values(*table, i), Strings{"-12"});
}

TEST_F(Sas, MoreDigitsThanADouble) {
  XptFile file;
  file.Begin("T", {{"X"}});
  file.bytes += "\x41\xFF\xFF\xFF\xFF\xFF\xFF\xFF";  // 56 bits
  file.Number(1);
  EXPECT_EQ(Values(*Read(file.Finish()), 0), (Strings{"16", "1"}));
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_TRUE(Says(warnings_[0], "1 number")) << warnings_[0];
}

TEST_F(Sas, MissingNumbers) {
  XptFile file;
  file.Begin("T", {{"AGE"}, {"OTHER", 3}});
  for (const char letter : ".AAZ_"s) {
    file.Missing(letter);
    file.bytes += ".\0\0"s;
  }
  file.Number(1);
  file.Number(2, 3);
  const auto table = Read(file.Finish());
  EXPECT_EQ(table->column(0)->null_count(), 5);
  EXPECT_EQ(table->column(1)->null_count(), 5);
  EXPECT_EQ(warnings_,
            Strings{"t.xpt: special missing values are read as null: AGE .A 2, .Z 1, ._ 1."});
  XptFile odd;
  odd.Begin("T", {{"X"}});
  odd.Missing('a');
  EXPECT_EQ(Fails(odd.Finish()).fields.at("row"), "1") << "no letter of SAS's";
}

TEST_F(Sas, Formats) {
  EXPECT_EQ(KindOfFormat("date9."), SasKind::kDate);
  EXPECT_EQ(KindOfFormat("E8601DA"), SasKind::kDate);
  EXPECT_EQ(KindOfFormat("YYMMDDN8."), SasKind::kDate);
  EXPECT_EQ(KindOfFormat("YYMON7."), SasKind::kDate);
  EXPECT_EQ(KindOfFormat("DATETIME22.3"), SasKind::kTimestamp);
  EXPECT_EQ(KindOfFormat("E8601DZ20."), SasKind::kTimestampUtc);
  EXPECT_EQ(KindOfFormat("TIME5."), SasKind::kTime);
  for (const char* format :
       {"", "8.2", "BEST12.", "YEAR4.", "YYMMN6.", "YYQ6.", "DATES.", "$DATE9.", "MMSS5."})
    EXPECT_EQ(KindOfFormat(format), SasKind::kNumber) << format;
}

TEST_F(Sas, TimesOnlyIfAllValuesAre) {
  const auto type = [&](const std::string& format, const std::vector<double>& values) {
    const auto table = Read(OneNumber(values, format));
    const bool number = Type(*table, 0) == "double";
    EXPECT_EQ(warnings_.size(), number ? 1U : 0U);
    EXPECT_EQ(Values(*table, 0).size(), values.size());
    return Type(*table, 0);
  };
  EXPECT_EQ(type("DATE", {0, -715509, 2936549}), "date32[day]");
  EXPECT_EQ(type("DATE", {0, 0.5}), "double");
  EXPECT_EQ(type("DATE", {-715510}), "double") << "before the year 1";
  EXPECT_EQ(type("DATE", {2936550}), "double") << "after the year 9999";
  EXPECT_EQ(type("DATE", {1e300}), "double");
  EXPECT_EQ(type("DATETIME", {0.1, 1.9e9 + 0.123456, -61819200000.0, 253717919999.0}),
            "timestamp[us]");
  EXPECT_EQ(type("DATETIME", {0.1234567}), "double");
  EXPECT_EQ(type("DATETIME", {253717920000.0}), "double");
  EXPECT_EQ(type("E8601DZ", {0}), "timestamp[us, tz=UTC]");
  EXPECT_EQ(type("TIME", {0, 86399.999999}), "time64[us]");
  EXPECT_EQ(type("TIME", {86400}), "double");
  EXPECT_EQ(type("TIME", {-1}), "double");
  EXPECT_EQ(Values(*Read(OneNumber({0, -715509, 2936549}, "DATE")), 0),
            (Strings{"1960-01-01", "0001-01-01", "9999-12-31"}));
  EXPECT_EQ(Values(*Read(OneNumber({1.9e9 + 0.123456, -0.25}, "DATETIME")), 0),
            (Strings{"2020-03-16 17:46:40.123456", "1959-12-31 23:59:59.750000"}));
}

TEST_F(Sas, Texts) {
  const auto table = Read(OneText({"ab  ", "  c", "", "d\0\0 "s, "xxxxx"}, 5));
  EXPECT_EQ(Values(*table, 0), (Strings{"ab", "  c", "null", "d", "xxxxx"}));
  EXPECT_EQ(Fails(OneText({"a", "b\0c"s}, 5)).fields.at("row"), "2");
}

TEST_F(Sas, EncodingOfTransportFiles) {
  EXPECT_EQ(Values(*Read(OneText({"caf\xC3\xA9", "\xE2\x82\xAC"}, 10)), 0),
            (Strings{"caf\xC3\xA9", "\xE2\x82\xAC"}));
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(Values(*Read(OneText({"caf\xE9", "\x80"}, 10)), 0),
            (Strings{"caf\xC3\xA9", "\xE2\x82\xAC"}));
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_TRUE(Says(warnings_[0], "Windows-1252"));
  EXPECT_EQ(Values(*Read(OneText({"caf\xE9"}, 4)), 0), Strings{"caf\xC3\xA9"})
      << "it may be cut UTF-8, but nothing says so";
  const Error both = Fails(OneText({"x", "\xC3\xA9", "\xE9z"}, 10));
  EXPECT_TRUE(Says(both.message, "row 3")) << both.message;
  EXPECT_EQ(Values(*Read(OneText({"\xC3\xA9", "\xE9z"}, 10), "t.xpt", Given("latin-1")), 0),
            (Strings{"\xC3\x83\xC2\xA9", "\xC3\xA9z"}));
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(Fails(OneText({"\xE9z"}, 10), "t.xpt", Given("utf-8")).kind, ErrorKind::kValidation);
  EXPECT_EQ(Fails(OneText({"\x81"}, 10)).kind, ErrorKind::kValidation);
  EXPECT_EQ(Fails(OneText({"\x81"}, 10), "t.xpt", Given("latin-1")).kind, ErrorKind::kValidation);
  EXPECT_EQ(Fails(OneText({"a"}, 10), "t.xpt", Given("utf-16")).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(Fails(OneText({"a"}, 10), "t.xpt", Given("x")).kind, ErrorKind::kInvalidArgument);
}

TEST_F(Sas, TextsCutWithinACharacter) {
  EXPECT_EQ(Values(*Read(OneText({"\xC3\xA9", "caf\xC3"}, 4)), 0), (Strings{"\xC3\xA9", "caf"}));
  EXPECT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(Fails(OneText({"\xC3\xA9", "caf\xC3"}, 5)).kind, ErrorKind::kValidation)
      << "it does not fill its variable";
}

TEST_F(Sas, LabelsInAnotherEncoding) {
  XptFile file;
  file.Begin("T",
             {{"X", 8, false,
               "Gr\xF6\xDF"
               "e"}},
             "\xC4nderung");
  file.Number(1);
  const auto table = Read(file.Finish());
  EXPECT_EQ(Metadata(table->schema()->field(0)->metadata(), "label"),
            "Gr\xC3\xB6\xC3\x9F"
            "e");
  EXPECT_EQ(Metadata(table->schema()->metadata(), "label"), "\xC3\x84nderung");
  EXPECT_EQ(warnings_.size(), 1U);
}

TEST_F(Sas, SeveralDataSets) {
  for (const int version : {5, 8}) {
    XptFile file(version);
    file.Begin("DM", {{"AGE"}, {"SEX", 1, true}}, "Demographics");
    file.Number(61);
    file.Text("F", 1);
    file.Begin("EMPTY", {{"X"}});
    file.Begin("AE", {{"TERM", 9, true}});
    for (const char* term : {"headache", "", "fever"})
      file.Text(term, 9);
    auto opened = Must(Open(file.Finish()));
    ASSERT_EQ(opened.tables.size(), 3U);
    EXPECT_EQ(opened.tables[0].name, "DM");
    EXPECT_EQ(opened.tables[1].name, "EMPTY");
    EXPECT_EQ(opened.tables[2].name, "AE");
    // In any order, and beside each other.
    const auto ae = *opened.tables[2].reader->ToTable();
    EXPECT_EQ(Values(*ae, 0), (Strings{"headache", "null", "fever"}));
    EXPECT_EQ((*opened.tables[1].reader->ToTable())->num_rows(), 0);
    EXPECT_EQ(Values(**opened.tables[0].reader->ToTable(), 1), Strings{"F"});
  }
  XptFile twice;
  twice.Begin("DM", {{"X"}});
  twice.Begin("DM", {{"X"}});
  EXPECT_TRUE(Says(Fails(twice.Finish()).message, "'DM'"));
  XptFile nameless;
  nameless.Begin("DM", {{"X"}});
  nameless.Begin("", {{"X"}});
  EXPECT_TRUE(Says(Fails(nameless.Finish()).message, "without a name"));
}

TEST_F(Sas, WarningsNameTheDataSet) {
  XptFile file;
  file.Begin("DM", {{"AGE"}, {"AT", 8, false, "", "DATE", 9}});
  file.Missing('A');
  file.Number(0.5);
  file.Begin("AE", {{"TERM", 100, true}});
  file.Begin("VS", {{"RES"}});
  file.bytes += std::string("\x41\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
  const auto warnings = Must(Open(file.Finish())).warnings;
  ASSERT_EQ(warnings.size(), 3U);
  EXPECT_TRUE(Says(warnings[0], "t.xpt, data set 'DM': special missing values")) << warnings[0];
  EXPECT_TRUE(Says(warnings[1], "t.xpt, data set 'DM': columns whose format")) << warnings[1];
  EXPECT_TRUE(Says(warnings[2], "t.xpt, data set 'VS' has 1 number(s)")) << warnings[2];
}

TEST_F(Sas, BlankRows) {
  const auto rows = [&](const Strings& values, int width, int version = 5) {
    return Read(OneText(values, width, version))->num_rows();
  };
  EXPECT_EQ(rows({"a", ""}, 40), 1);
  EXPECT_TRUE(Says(left_out_, "t.xpt ends in blanks")) << left_out_;
  EXPECT_TRUE(Says(left_out_, "1 row(s) are left out")) << left_out_;
  EXPECT_EQ(rows({"a", "b"}, 40), 2);
  EXPECT_EQ(left_out_, "");
  EXPECT_EQ(rows({"a", ""}, 79), 2) << "the second begins within the first record";
  EXPECT_EQ(rows({"a", "", "", "b"}, 8), 4);
  EXPECT_EQ(rows({"a", ""}, 8), 1) << "may be what fills up the record";
  EXPECT_EQ(rows({"a", ""}, 100), 2) << "can't be that";
  EXPECT_EQ(rows(Strings(20, ""), 8), 11) << "only the last 79 bytes may be that";
  EXPECT_EQ(rows({}, 8), 0);
  XptFile numbers;
  numbers.Begin("T", {{"X"}});
  numbers.Number(1);
  numbers.Fill();
  numbers.bytes.append(800, ' ');
  EXPECT_EQ(Read(numbers.bytes)->num_rows(), 1) << "no number is all blanks";
  EXPECT_EQ(left_out_, "");
  XptFile stated(8);
  stated.Begin("T", {{"X", 8, true}}, "", "              3");
  stated.Text("a", 8);
  EXPECT_EQ(Read(stated.Finish())->num_rows(), 3) << "version 8 says how many";
  EXPECT_EQ(left_out_, "");
}

TEST_F(Sas, StatedRows) {
  XptFile more(8);
  more.Begin("T", {{"X"}}, "", "             12");
  for (int i = 0; i < 10; ++i)
    more.Number(1);
  EXPECT_TRUE(Says(Fails(more.Finish()).message, "12 rows"));
  XptFile fewer(8);
  fewer.Begin("T", {{"X"}}, "", "              1");
  fewer.Number(1);
  fewer.Number(2);
  EXPECT_EQ(Fails(fewer.Finish()).kind, ErrorKind::kValidation);
}

TEST_F(Sas, CutOff) {
  XptFile file;
  file.Begin("T", {{"N"}, {"X", 30, true}});
  const size_t headers = file.bytes.size();
  for (int i = 0; i < 50; ++i) {
    file.Number(i);
    file.Text("some text of thirty characters", 30);
  }
  const std::string whole = file.Finish();
  EXPECT_EQ(Read(whole)->num_rows(), 50);
  for (size_t size = 0; size < whole.size(); ++size) {
    // Whole rows in whole records: nobody can see that some are missing.
    if (size >= headers && (size - headers) % (19 * 80) == 0) continue;
    const auto opened = Open(whole.substr(0, size));
    ASSERT_FALSE(opened) << size;
    EXPECT_EQ(opened.error().kind, ErrorKind::kValidation);
    EXPECT_TRUE(Says(opened.error().message, "t.xpt"));
  }
}

TEST_F(Sas, DamagedHeaders) {
  const auto fails = [](const std::vector<XptFile::Variable>& variables) {
    XptFile file;
    file.Begin("T", variables);
    file.bytes += std::string(160, 'x');
    const Error error = Fails(file.Finish());
    EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
    EXPECT_EQ(error.fields.at("file"), "t.xpt");
    return error.message;
  };
  EXPECT_TRUE(Says(fails({}), "without variables"));
  EXPECT_TRUE(Says(fails({{"X", 9}}), "width"));
  EXPECT_TRUE(Says(fails({{"X", 1}}), "width"));
  EXPECT_TRUE(Says(fails({{"X", 0, true}}), "width"));
  EXPECT_TRUE(Says(fails({{"", 8, true}}), "no name"));
  EXPECT_TRUE(Says(fails({{"X", 8, true}, {"X", 8, true}}), "'X'"));
  EXPECT_TRUE(Says(Fails("a,b\n1,2\n").message, "transport file"));
  EXPECT_TRUE(Says(Fails("").message, "empty"));
  XptFile none;
  EXPECT_TRUE(Says(Fails(none.Finish()).message, "no data set"));
}

TEST_F(Sas, PlacesInMemoryAreNoPlacesInTheFile) {
  // As SAS writes them: numbers first. Texts and numbers take turns, so most stand elsewhere.
  const std::vector<uint32_t> places = {0, 40, 59, 8, 62, 16, 72, 24, 32};
  const std::vector<int> text_widths = {0, 19, 3, 0, 10, 0, 4, 0, 0};
  for (const int version : {5, 8}) {
    const auto bytes = [&](bool as_in_memory) {
      std::vector<XptFile::Variable> variables;
      for (size_t i = 0; i < places.size(); ++i) {
        variables.push_back({"V" + std::to_string(i), 8});
        if (text_widths[i] > 0) variables.back() = {"V" + std::to_string(i), text_widths[i], true};
        if (as_in_memory) variables.back().place = places[i];
      }
      XptFile file(version);
      file.Begin("DM", variables);
      for (size_t i = 0; i < places.size(); ++i) {
        if (text_widths[i] == 0) file.Number(static_cast<double>(i));
        if (text_widths[i] > 0) file.Text(std::to_string(i), static_cast<size_t>(text_widths[i]));
      }
      return file.Finish();
    };
    const auto table = Read(bytes(true));
    EXPECT_TRUE(table->Equals(*Read(bytes(false))));
    for (int i = 0; i < table->num_columns(); ++i)
      EXPECT_EQ(Values(*table, i), Strings{std::to_string(i)});
  }
}

TEST_F(Sas, TypesOfASchemaAreNoTypesGiven) {
  OpenFileOptions options;
  options.types = {{"X", arrow::int64()}, {"ID", arrow::int64()}};
  SchemaDefinition keeps;
  keeps.tables = {{"", "", {{"X", "string"}, {"ID", "string"}}}};
  const std::string transport = OneNumber({1}, "");
  EXPECT_EQ(Fails(transport, "t.xpt", options).kind, ErrorKind::kInvalidArgument);
  const std::string set = Sample("datetime.sas7bdat");
  const auto schema = Read(set, "t.sas7bdat")->schema();
  options.types[schema->field(0)->name()] = arrow::utf8();
  EXPECT_EQ(Fails(set, "t.sas7bdat", options).kind, ErrorKind::kInvalidArgument);
  keeps.tables[0].columns[1].name = schema->field(0)->name();
  options = {};
  options.schema = std::make_shared<const SchemaDefinition>(keeps);
  EXPECT_EQ(Type(*Read(transport, "t.xpt", options), 0), "double");
  EXPECT_TRUE(Read(set, "t.sas7bdat", options)->schema()->Equals(*schema));
}

TEST_F(Sas, Limits) {
  OpenFileOptions options;
  options.limits.columns = 2;
  XptFile file;
  file.Begin("T", {{"A"}, {"B"}});
  EXPECT_EQ(Read(file.Finish(), "t.xpt", options)->num_columns(), 2);
  options.limits.columns = 1;
  EXPECT_EQ(Fails(file.Finish(), "t.xpt", options).kind, ErrorKind::kValidation);
  EXPECT_EQ(Fails(Sample("datetime.sas7bdat"), "t.sas7bdat", options).kind, ErrorKind::kValidation);
  options.limits = {};
  options.limits.unpacked_bytes = 100;
  EXPECT_TRUE(Says(Fails(Sample("datetime.sas7bdat"), "t.sas7bdat", options).message, "100 bytes"));
  std::stop_source source;
  source.request_stop();
  options = {};
  options.stop = source.get_token();
  EXPECT_EQ(Fails(file.Finish(), "t.xpt", options).kind, ErrorKind::kCancelled);
  EXPECT_EQ(Fails(Sample("datetime.sas7bdat"), "t.sas7bdat", options).kind, ErrorKind::kCancelled);
}

TEST_F(Sas, ManyRowsComeInBatches) {
  XptFile file;
  file.Begin("T", {{"N"}, {"X", 1000, true}});
  constexpr int kRows = 40'000;
  for (int i = 0; i < kRows; ++i) {
    file.Number(i);
    file.Text("x", 1000);
  }
  auto opened = Must(Open(file.Finish()));
  std::shared_ptr<arrow::RecordBatch> batch;
  int64_t rows = 0;
  int batches = 0;
  while (opened.tables[0].reader->ReadNext(&batch).ok() && batch != nullptr) {
    const auto& numbers = static_cast<const arrow::DoubleArray&>(*batch->column(0));
    EXPECT_EQ(numbers.Value(0), static_cast<double>(rows));
    rows += batch->num_rows();
    ++batches;
  }
  EXPECT_EQ(rows, kRows);
  EXPECT_GT(batches, 1);
}

TEST_F(Sas, SasFilesAreNotWritten) {
  const auto table = Read(OneNumber({1}, ""));
  arrow::TableBatchReader rows(*table);
  const Error error = MustFail(WriteTableFile(rows, "t.xpt", Must(FormatOfFile("t.XPT"))));
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
}

TEST_F(Sas, ChangedBytesOfTransportFilesNeverCrash) {
  XptFile file(8);
  file.Begin("DM", {{"AGE"}, {"SEX", 3, true, "Sex"}, {"D", 8, false, "", "DATE", 9}}, "Demo");
  for (int i = 0; i < 5; ++i) {
    file.Number(i);
    file.Text("F\xC3\xA9", 3);
    file.Missing('A');
  }
  file.Begin("AE", {{"TERM", 9, true}});
  file.Text("fever", 9);
  const std::string five = Sample("demo_v5.xpt"), eight = Sample("demo_v8.xpt");
  std::mt19937 random(7);
  for (const auto& good : {file.Finish(), five, eight}) {
    for (int round = 0; round < 2000; ++round) {
      std::string bad = good;
      for (int change = 0; change < 1 + round % 4; ++change)
        bad[random() % bad.size()] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
      if (round % 10 == 0) bad.resize(random() % bad.size());
      auto opened = Open(bad);
      if (!opened) {
        EXPECT_FALSE(opened.error().message.empty());
        continue;
      }
      for (const auto& table : opened->tables) {
        auto read = table.reader->ToTable();
        EXPECT_TRUE(!read.ok() || (*read)->ValidateFull().ok());
      }
    }
  }
}

}  // namespace
}  // namespace coreshed::sources

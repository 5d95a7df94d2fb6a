#include "sources/csv.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <coreshed/sources.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <stdexcept>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "sources/csv_reader.h"
#include "sources/csv_scan.h"
#include "sources/csv_split.h"
#include "sources/opened.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::sources {
namespace {

class Csv : public ::testing::Test {
 protected:
  std::string Write(const std::string& bytes, const std::string& name = "t.csv") {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::shared_ptr<arrow::Table> Read(const std::string& bytes, const std::string& name = "t.csv") {
    auto opened = Must(OpenFile({Write(bytes, name)}));
    auto table = opened.tables[0].reader->ToTable();
    EXPECT_TRUE(table.ok()) << table.status().ToString();
    if (!table.ok()) return nullptr;
    EXPECT_TRUE((*table)->ValidateFull().ok());
    return *table;
  }
  /// The error of opening or of reading.
  Error Fails(const std::string& bytes, const std::string& name = "t.csv") {
    auto opened = OpenFile({Write(bytes, name)});
    if (!opened) return opened.error();
    auto table = opened->tables[0].reader->ToTable();
    if (!table.ok()) return FromArrow(table.status(), "reading");
    ADD_FAILURE() << "was read: " << (*table)->ToString();
    return Error{};
  }
  std::string Types(const std::string& bytes) {
    std::string types;
    const auto schema = Read(bytes)->schema();
    for (const auto& field : schema->fields()) {
      EXPECT_TRUE(field->nullable());
      types += (types.empty() ? "" : " ") + field->type()->ToString();
    }
    return types;
  }
  /// A column as texts; null as "<null>".
  static std::vector<std::string> Texts(const arrow::Table& table, int column) {
    std::vector<std::string> texts;
    for (const auto& chunk : table.column(column)->chunks()) {
      const auto cells = std::static_pointer_cast<arrow::StringArray>(Must(CellTexts(chunk)));
      for (int64_t row = 0; row < cells->length(); ++row) {
        texts.push_back(cells->IsNull(row) ? "<null>" : cells->GetString(row));
      }
    }
    return texts;
  }
  std::vector<std::string> Texts(const std::string& bytes, int column = 0) {
    return Texts(*Read(bytes), column);
  }
  using Strings = std::vector<std::string>;

  TempFolder folder_;
};

TEST_F(Csv, TypesOfColumns) {
  EXPECT_EQ(Types("a,b,c,d,e,f,g\n1,1.5,2014-01-02,10:30:00,2014-01-02 10:30:00,true,x\n"),
            "int64 double date32[day] time64[us] timestamp[us] bool string");
  EXPECT_EQ(Types("a\n2014-01-02T10:30:00Z\n"), "timestamp[us, tz=UTC]");
}

TEST_F(Csv, DecimalsAreWrittenWithAllTheirDigits) {
  const auto texts = [](const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
    return Must(CellTexts(arrow::json::ArrayFromJSONString(type, json).ValueOrDie()))->ToString();
  };
  EXPECT_EQ(texts(arrow::decimal128(20, 10), R"(["0.0000000001", "0.0000000000", null])"),
            "[\n  \"0.0000000001\",\n  \"0.0000000000\",\n  null\n]");
  EXPECT_EQ(texts(arrow::decimal256(50, 9), R"(["-0.000000015", "-12.000000015"])"),
            "[\n  \"-0.000000015\",\n  \"-12.000000015\"\n]");
}

TEST_F(Csv, TypesComeFromTheWholeFile) {
  std::string bytes = "a,b\n";
  for (int i = 0; i < 150'000; ++i)
    bytes += std::to_string(i) + "," + std::to_string(i) + "\n";
  EXPECT_EQ(Types(bytes), "int64 int64");
  EXPECT_EQ(Types(bytes + "x,1.5\n"), "string double");
}

TEST_F(Csv, RowsKeepTheirOrder) {
  std::string bytes = "a\n";
  for (int i = 0; i < 300'000; ++i)
    bytes += std::to_string(i) + "\n";
  const auto table = Read(bytes);
  ASSERT_EQ(table->num_rows(), 300'000);
  int64_t expected = 0;
  for (const auto& chunk : table->column(0)->chunks()) {
    const auto& values = static_cast<const arrow::Int64Array&>(*chunk);
    for (int64_t row = 0; row < values.length(); ++row)
      ASSERT_EQ(values.Value(row), expected++);
  }
}

TEST_F(Csv, NaIsNullInColumnsThatAreNotText) {
  EXPECT_EQ(Types("a,b\n1,x\nNA,NA\n"), "int64 string");
  EXPECT_EQ(Texts("a,b\n1,x\nNA,NA\n", 0), (Strings{"1", "<null>"}));
  EXPECT_EQ(Texts("a,b\n1,x\nNA,NA\n", 1), (Strings{"x", "NA"})) << "Namibia";
}

TEST_F(Csv, NaIsNullEverywhereIfTheFileQuotesItsText) {
  const std::string bytes = "\"a\",\"b\"\n1,\"x\"\nNA,NA\n2,\"NA\"\n";
  EXPECT_EQ(Texts(bytes, 0), (Strings{"1", "<null>", "2"}));
  EXPECT_EQ(Texts(bytes, 1), (Strings{"x", "<null>", "NA"}));
}

TEST_F(Csv, BlanksAroundNaDoNotCountAmongNumbers) {
  EXPECT_EQ(Types("a, b\n1, 2\n3, NA\n5, NA \n"), "int64 int64");
  EXPECT_EQ(Texts("a, b\n1, 2\n3, NA\n5, NA \n", 1), (Strings{"2", "<null>", "<null>"}));
  EXPECT_EQ(Texts("a,b\n1,x\n3, NA\n", 1), (Strings{"x", " NA"})) << "a text keeps them";
  EXPECT_EQ(Types("a,b\n1,2\n3,\" NA\"\n"), "int64 string") << "quotes make it a text";
  EXPECT_EQ(Types("a,b\n1,2\n3,N A\n5,NAN\n"), "int64 string");
  EXPECT_EQ(Types("a,b\n1,2\n3,NNA\n"), "int64 string");
}

TEST_F(Csv, NaInQuotesIsText) {
  EXPECT_EQ(Types("a,b\n1,2\n\"NA\",3\n"), "string int64");
  EXPECT_EQ(Texts("a,b\n1,2\n\"NA\",3\n"), (Strings{"1", "NA"}));
}

TEST_F(Csv, ColumnsOfNothingButNa) {
  EXPECT_EQ(Types("a,b\nNA,x\nNA,y\n"), "string string");
  EXPECT_EQ(Texts("a,b\nNA,x\nNA,y\n"), (Strings{"<null>", "<null>"}));
  EXPECT_EQ(Texts("a,b\n\"NA\",x\nNA,y\n"), (Strings{"NA", "NA"})) << "not every text is quoted";
}

TEST_F(Csv, EmptyCells) {
  EXPECT_EQ(Texts("a,b\n,x\n1,\n", 0), (Strings{"<null>", "1"}));
  EXPECT_EQ(Texts("a,b\n,x\n1,\n", 1), (Strings{"x", "<null>"}));
  EXPECT_EQ(Texts("a,b\n\"\",1\nx,2\n,3\n"), (Strings{"", "x", "<null>"}));
  EXPECT_EQ(Texts("a,b\n\"\",1\n\"2\",2\n"), (Strings{"<null>", "2"})) << "in a column of numbers";
  EXPECT_EQ(Types("a,b\n\"\",1\n\"2\",2\n"), "int64 int64");
}

TEST_F(Csv, BlanksAroundValues) {
  EXPECT_EQ(Texts("a, b\n 1, x\n2 ,y \n", 0), (Strings{"1", "2"}));
  EXPECT_EQ(Texts("a, b\n 1, x\n2 ,y \n", 1), (Strings{" x", "y "})) << "a text keeps them";
  EXPECT_EQ(Read("a, b\n1,2\n")->schema()->field(1)->name(), "b");
  EXPECT_EQ(Texts("a,b\n  ,1\n5,2\n"), (Strings{"<null>", "5"}));
  EXPECT_EQ(Texts("a,b\n \"x, y\" ,1\n"), (Strings{"x, y"}));
}

TEST_F(Csv, QuotedDelimitersQuotesAndLineBreaksSurvive) {
  const std::string bytes = "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"line 1\nline 2\",\"\r\n\"\n";
  EXPECT_EQ(Texts(bytes, 0), (Strings{"x,y", "line 1\nline 2"}));
  EXPECT_EQ(Texts(bytes, 1), (Strings{"say \"hi\"", "\r\n"}));
  EXPECT_EQ(Texts("a,b\nx\"y\",1\n"), (Strings{"x\"y\""})) << "a quote inside means nothing";
}

TEST_F(Csv, ByteOrderMarkIsNoPartOfAName) {
  EXPECT_EQ(Read("\xEF\xBB\xBF"
                 "a,b\n1,2\n")
                ->schema()
                ->field(0)
                ->name(),
            "a");
  EXPECT_EQ(Read("\xEF\xBB\xBF\"a\",b\n1,2\n")->schema()->field(0)->name(), "a");
}

TEST_F(Csv, EmptyHeaderGetsAPlaceholder) {
  const auto table = Read("a,,\"\",column3\n1,2,3,4\n");
  EXPECT_EQ(table->schema()->field_names(), (Strings{"a", "column2", "column3_", "column3"}));
}

TEST_F(Csv, RepeatedHeaderIsNamed) {
  const Error error = Fails("a,b,a,c,b\n1,2,3,4,5\n");
  EXPECT_EQ(error.kind, ErrorKind::kValidation);
  EXPECT_NE(error.message.find("'a', 'b'"), std::string::npos) << error.message;
}

TEST_F(Csv, HeaderWithALineBreak) {
  EXPECT_EQ(Read("\"a\nb\",c\n1,2\n")->schema()->field(0)->name(), "a\nb");
}

TEST_F(Csv, RowWithTooManyFieldsNamesTheLine) {
  const Error error = Fails("a,b\n1,2\n\"x\ny\",2\n1,2,3\n");
  EXPECT_EQ(error.kind, ErrorKind::kValidation);
  EXPECT_EQ(error.fields.at("line"), "5") << error.message;
  EXPECT_EQ(Fails("a,b\n1,2,\n").fields.at("line"), "2");
}

TEST_F(Csv, ShortRowHasNullsAtItsEnd) {
  EXPECT_EQ(Texts("a,b,c\n1,2\n3\n4,5,6\n", 2), (Strings{"<null>", "<null>", "6"}));
  EXPECT_EQ(Texts("a,b,c\n1,\"x\ny\"\n3\n4,5,6\n", 1), (Strings{"x\ny", "<null>", "5"}));
}

TEST_F(Csv, BlankLines) {
  EXPECT_EQ(Texts("\n\na,b\n\n1,2\n\n3,4\n\n"), (Strings{"1", "3"}));
  EXPECT_EQ(Texts("a\n1\n\n3\n"), (Strings{"1", "<null>", "3"})) << "in one column an empty cell";
}

TEST_F(Csv, LineBreaks) {
  EXPECT_EQ(Texts("a,b\r\n1,2\r\n3,4"), (Strings{"1", "3"}));
  EXPECT_EQ(Texts("a,b\r1,2\r3,4\r"), (Strings{"1", "3"}));
  EXPECT_EQ(Texts("a,b\n1,2\r\n3,4\n5,6\r\n"), (Strings{"1", "3", "5"}));
  EXPECT_EQ(Texts("a\n1\r\n\n2\n\r\n3\r\n"), (Strings{"1", "<null>", "2", "<null>", "3"}));
  EXPECT_EQ(Texts("\n\r\na\r\n1\n2\r\n"), (Strings{"1", "2"}));
  EXPECT_EQ(Texts("\r\n\na,b\n1,2\r\n3,4\n"), (Strings{"1", "3"}));
  EXPECT_EQ(Fails("a,b\n1,2\r3,4\n5,6\n").fields.at("line"), "2") << "DuckDB would lose a cell";
  EXPECT_EQ(Fails("a,b\r\n\"x\"\r1,2,3\r").fields.at("line"), "2") << "not the next line's fault";
  EXPECT_EQ(Fails("a,b\n1,2\n3,4\r").kind, ErrorKind::kValidation);
  EXPECT_EQ(Fails("a,b\r1,2\r3,4\n").kind, ErrorKind::kValidation);
}

TEST_F(Csv, Delimiters) {
  EXPECT_EQ(Types("a;b\n1;x,y\n"), "int64 string");
  EXPECT_EQ(Types("a|b\n1|2\n"), "int64 int64");
  EXPECT_EQ(Types("a\tb,c\td\n1\t2\t3\n"), "int64 int64 int64");
  EXPECT_EQ(Types("\"a,b\";c\n1;2\n"), "int64 int64");
  EXPECT_EQ(Types("a;b\n1,5;2\n"), "string int64") << "a decimal comma stays text";
  EXPECT_EQ(Read("a,b\tc\n1\t2\n", "t.TSV")->schema()->field_names(), (Strings{"a,b", "c"}));
}

TEST_F(Csv, DamagedQuotes) {
  const Error open = Fails("a,b\n1,2\n\"x,3\n4,5\n");
  EXPECT_EQ(open.kind, ErrorKind::kValidation);
  EXPECT_EQ(open.fields.at("line"), "3") << open.message;
  EXPECT_EQ(Fails("a,b\n1,2\n\"x\"y,3\n").fields.at("line"), "3");
}

TEST_F(Csv, WhatIsNoText) {
  EXPECT_EQ(Fails("").kind, ErrorKind::kValidation);
  EXPECT_EQ(Fails("\n\n").kind, ErrorKind::kValidation);
  EXPECT_EQ(Fails(std::string("a,b\n1,x\0y\n", 10)).fields.at("line"), "2");
  EXPECT_EQ(Fails("a,b\n\xC3\xA9,1\n1,\xC3").fields.at("line"), "3") << "cut within a character";
  EXPECT_EQ(Fails("PAR1\x15\x04\x15\xFF").kind, ErrorKind::kValidation);
}

TEST_F(Csv, HeaderAlone) {
  const auto table = Read("a,b");
  EXPECT_EQ(table->num_rows(), 0);
  EXPECT_EQ(table->schema()->field_names(), (Strings{"a", "b"}));
}

TEST_F(Csv, LongCells) {
  const std::string cell(5 << 20, 'x');
  EXPECT_EQ(Texts("a,b\n1,2\n" + cell + ",3\n4,5\n"), (Strings{"1", cell, "4"}));
  EXPECT_EQ(Texts("a,b\n1,2\n\"" + cell + "\n\",3\n4,5\n")[1], cell + "\n");
}

/// Large files are read by several threads, which begin in the middle of it.
TEST_F(Csv, LargeFilesWithQuotes) {
  std::mt19937 random(20260127);
  for (const Strings& pieces : std::vector<Strings>{{"x", "abc", ","}, {"x", "\"", ","}}) {
    std::string bytes = "a,b\n";
    Strings expected;
    while (bytes.size() < size_t{18} << 20) {
      std::string text, quoted;
      for (auto n = random() % 9; n > 0; --n) {
        const auto& piece = pieces[random() % pieces.size()];
        text += piece;
        quoted += piece == "\"" ? "\"\"" : piece;
      }
      const bool quotes = text.empty() || text.find_first_of(",\"") != text.npos;
      bytes += (quotes ? "\"" + quoted + "\"" : text) + ",y\n";
      expected.push_back(text);
    }
    const auto table = Read(bytes);
    ASSERT_NE(table, nullptr);
    ASSERT_EQ(Texts(*table, 0), expected);
  }
}

TEST_F(Csv, LargeFilesWithMixedLineBreaks) {
  std::string bytes = "a\n";
  Strings expected;
  for (int row = 0; bytes.size() < size_t{18} << 20; ++row) {
    expected.push_back("text " + std::to_string(row % 1000));
    bytes += expected.back() + (row % 3 == 0 ? "\r\n" : "\n");
  }
  const auto table = Read(bytes);
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(Texts(*table, 0), expected);
}

/// Threads of DuckDB are still reading then.
TEST_F(Csv, LargeFilesMayBeLeftInTheMiddleByAnException) {
  std::string bytes = "a,b\n";
  while (bytes.size() < size_t{18} << 20)
    bytes += std::to_string(bytes.size()) + ",y\n";
  const std::string path = Write(bytes);
  for (int time = 0; time < 3; ++time) {
    const auto leave = [&] {
      const auto opened = Must(OpenFile({path}));
      std::shared_ptr<arrow::RecordBatch> batch;
      ASSERT_TRUE(opened.tables[0].reader->ReadNext(&batch).ok());
      throw std::runtime_error("of the caller");
    };
    EXPECT_THROW(leave(), std::runtime_error);
  }
}

TEST_F(Csv, OddNamesOfFilesAndColumns) {
  const auto table = Read("a'b,\"c\"\"d\",*,SELECT\n1,2,3,4\n", "it's [a] *?.csv");
  EXPECT_EQ(table->schema()->field_names(), (Strings{"a'b", "c\"d", "*", "SELECT"}));
}

TEST_F(Csv, NamesThatDifferInCase) {
  EXPECT_EQ(Read("a,A\n1,2\n")->num_columns(), 2);
}

/// DuckDB takes one blank before a quote, and drops what it then has too much.
TEST_F(Csv, BlanksAroundQuotes) {
  for (int before = 0; before < 6; ++before) {
    for (int after = 0; after < 6; ++after) {
      const std::string left(static_cast<size_t>(before), ' ');
      const std::string right(static_cast<size_t>(after), ' ');
      const auto table = Read("id,name,note\n1,\"A\",\"x\"\n2," + left + "\"Sued\"" + right + "," +
                              left + "\"y, z\"" + right + "\n" + left + "\"3\"" + right + "\n");
      ASSERT_NE(table, nullptr);
      EXPECT_EQ(Texts(*table, 0), (Strings{"1", "2", "3"})) << before << " " << after;
      EXPECT_EQ(Texts(*table, 1), (Strings{"A", "Sued", "<null>"})) << before << " " << after;
      EXPECT_EQ(Texts(*table, 2), (Strings{"x", "y, z", "<null>"})) << before << " " << after;
    }
  }
  EXPECT_EQ(Texts("\xEF\xBB\xBF  \"a\"  ,b\r\n  \"x\"\r\n"), (Strings{"x"}));
}

/// What the scanner counts must be what is read.
TEST_F(Csv, NoTextVanishesSilently) {
  const std::string bytes = "a,b\n1,x\n2,\"y \"\"z\"\"\"\n3, NA\n";
  const auto input = Must(InputFile::Open(Write(bytes)));
  CsvScanner scanner("t.csv", false, 10);
  ASSERT_TRUE(scanner.Feed(bytes).has_value());
  const auto shape = Must(scanner.Finish());
  EXPECT_EQ(shape.columns[0].bytes, 3);
  EXPECT_EQ(shape.columns[1].bytes, 6) << "y \"z\" and x";
  const auto read = [&](const CsvShape& seen) {
    CsvReader reader(input, nullptr, seen, {{arrow::utf8()}, {arrow::utf8()}});
    return reader.ToTable().status();
  };
  EXPECT_TRUE(read(shape).ok());
  auto other = shape;
  ++other.columns[1].bytes;
  const auto error = FromArrow(read(other), "");
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_NE(error.message.find("t.csv: column 'b' has 7 bytes of text, but 6 can be read"),
            std::string::npos)
      << error.message;
}

/// DuckDB reads the same file as the reader for those that it is not up to.
TEST_F(Csv, SplitFilesAreReadAsOthers) {
  std::mt19937 random(20260127);
  const Strings pieces = {"x", ",", "\"", "\n", "\r\n", " ", "NA", "1", "é", ";", "'"};
  for (int round = 0; round < 100; ++round) {
    std::string plain = "a,b,c\n", wide = "a,b,c" + std::string(1'200, ',') + "\n";
    for (auto rows = 1 + random() % 20; rows > 0; --rows) {
      const auto fields = 1 + random() % 3;
      std::string row;
      for (size_t field = 0; field < fields; ++field) {
        std::string text;
        for (auto n = random() % 4; n > 0; --n)
          text += pieces[random() % pieces.size()];
        const bool quotes = text.find_first_of(",\"\r\n") != text.npos || random() % 3 == 0;
        for (size_t at = 0; quotes && (at = text.find('"', at)) != text.npos; at += 2)
          text.insert(at, "\"");
        row += (field > 0 ? "," : "") + (quotes ? "\"" + text + "\" " : text);
      }
      plain += row + "\n";
      wide += row + (random() % 2 == 0 ? "\n" : "\r\n");
    }
    const auto expected = Read(plain), table = Read(wide);
    ASSERT_NE(table, nullptr) << wide;
    for (int column = 0; column < 3; ++column)
      ASSERT_EQ(Texts(*table, column), Texts(*expected, column)) << plain;
  }
}

TEST_F(Csv, RowsLongerThanWhatIsReadAtOnce) {
  const std::string cell(3 << 20, 'x');
  const std::string bytes = "a,b\n1,  \"" + cell + "\"\"\"\n2," + cell + "\n3,y";
  EXPECT_EQ(Texts(bytes, 1), (Strings{cell + "\"", cell, "y"}));
  EXPECT_EQ(Texts(bytes, 0), (Strings{"1", "2", "3"}));
}

TEST_F(Csv, CellsOfARowWithASchema) {
  OpenOptions options;
  options.as_cells = true;
  options.types = {{"n", arrow::int64()}, {"t", arrow::utf8()}};
  const auto path = Write("n,t\nNA,NA\n\"NA\",\"NA\"\n NA , NA\n1,x,y\n");
  const auto opened = Must(OpenKept({path}, options)).file;
  const auto table = opened.tables[0].reader->ToTable().ValueOrDie();
  EXPECT_EQ(Texts(*table, 0), (Strings{"<null>", "NA", "<null>", "1"}));
  EXPECT_EQ(Texts(*table, 1), (Strings{"NA", "NA", " NA", "x"}));
}

TEST_F(Csv, FieldsThatARowHasTooMany) {
  EXPECT_EQ(FieldsWritten(", Anna, Dr.", ','), ",\" Anna\",\" Dr.\"");
  EXPECT_EQ(FieldsWritten(";a,b;;NA;\"NA\";  \"x \"\"y\"\"\" ;\"\"", ';'),
            ",\"a,b\",,NA,\"NA\",\"x \"\"y\"\"\",\"\"");
  EXPECT_EQ(FieldsWritten(",", ','), ",");
}

TEST_F(Csv, WhatIsTooMuchIsRefusedAtOnce) {
  const auto fails = [](const std::string& begin, const std::string& piece) {
    CsvScanner scanner("t.csv", false, 100);
    auto fed = scanner.Feed(begin);
    for (int i = 0; fed && i < 100; ++i)
      fed = scanner.Feed(piece);
    return fed ? Error{} : fed.error();
  };
  const std::string mebibyte(1 << 20, 'x');
  EXPECT_EQ(fails(std::string(101, ','), "").message.substr(0, 33),
            "t.csv has more than 100 columns, ");
  EXPECT_NE(fails("\"", mebibyte).message.find("line 1: a name of more than 10000 bytes"),
            std::string::npos);
  EXPECT_NE(fails("a\n\"", mebibyte).message.find("line 2: a row of more than 64 MiB"),
            std::string::npos);
}

TEST_F(Csv, MessagesAreShort) {
  OpenFileOptions options;
  options.types = {{"n", arrow::int64()}};
  const auto refused = OpenFile({Write("n\n" + std::string(1'000'000, '7') + "\n")}, options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_LT(refused.error().message.size(), 300);
  std::string names;
  for (int i = 0; i < 1'000; ++i)
    names += std::string(200, 'x') + std::to_string(i) + ",";
  EXPECT_LT(Fails(names + names + "\n").message.size(), 1'000);
}

TEST_F(Csv, LinesThatAreNotKnown) {
  CsvShape shape;
  shape.line_shifts = {{1, 1}, {3, 2}};
  EXPECT_EQ(shape.LineOf(4), 6);
  shape.lines_unknown_from = 4;
  EXPECT_EQ(shape.LineOf(3), 5);
  EXPECT_EQ(shape.LineOf(4), 0);
}

TEST_F(Csv, ReadLikeAnEarlierVersion) {
  const auto decimal = arrow::decimal128(6, 2);
  const auto like =
      arrow::schema({arrow::field("x", arrow::float64()), arrow::field("code", arrow::utf8()),
                     arrow::field("day", arrow::date32()), arrow::field("n", arrow::int32()),
                     arrow::field("d", decimal), arrow::field("gone", arrow::utf8())});
  const auto path = Write("code,x,day,n,d,new\n1,2,,3,4.5,4\n,NA,2026-01-27,,,\n");
  OpenFileOptions options;
  options.like = {{"t", like}};
  const auto opened = Must(OpenFile({path}, options));
  const auto expected =
      arrow::schema({arrow::field("code", arrow::utf8()), arrow::field("x", arrow::float64()),
                     arrow::field("day", arrow::date32()), arrow::field("n", arrow::int32()),
                     arrow::field("d", decimal), arrow::field("new", arrow::int64())});
  EXPECT_TRUE(opened.tables[0].reader->schema()->Equals(*expected))
      << opened.tables[0].reader->schema()->ToString();
  const auto table = opened.tables[0].reader->ToTable().ValueOrDie();
  EXPECT_TRUE(table->ValidateFull().ok());
  EXPECT_EQ(Texts(*table, 4), (Strings{"4.50", "<null>"}));
}

TEST_F(Csv, NaIsTextWhereTextIsKnownToBeThere) {
  const auto path = Write("country,n\nNA,1\nNA,2\n");
  OpenFileOptions options;
  options.like = {{"t", arrow::schema({arrow::field("country", arrow::utf8())})}};
  const auto like = Must(OpenFile({path}, options)).tables[0].reader->ToTable().ValueOrDie();
  EXPECT_EQ(Texts(*like, 0), (Strings{"NA", "NA"})) << "Namibia";
  options = {};
  options.types = {{"country", arrow::utf8()}};
  const auto given = Must(OpenFile({path}, options)).tables[0].reader->ToTable().ValueOrDie();
  EXPECT_EQ(Texts(*given, 0), (Strings{"NA", "NA"}));
}

TEST_F(Csv, TypesGivenByColumn) {
  OpenFileOptions options;
  options.types = {{"code", arrow::utf8()}, {"n", arrow::int16()}, {"elsewhere", arrow::int8()}};
  const auto path = Write("n,code,x\n1,7,1\n\"\",8,2\nNA,,3\n");
  const auto table = Must(OpenFile({path}, options)).tables[0].reader->ToTable().ValueOrDie();
  EXPECT_EQ(table->schema()->ToString(), "n: int16\ncode: string\nx: int64");
  EXPECT_EQ(Texts(*table, 0), (Strings{"1", "<null>", "<null>"}));
  EXPECT_EQ(Texts(*table, 1), (Strings{"7", "8", "<null>"}));

  options.types = {{"n", arrow::int16()}};
  const auto refused = OpenFile({Write("n\n1\n\n40000\n")}, options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kValidation);
  EXPECT_EQ(refused.error().fields.at("row"), "3");
  EXPECT_NE(refused.error().message.find("'40000' is no int16, which column 'n' must be"),
            std::string::npos)
      << refused.error().message;
  EXPECT_FALSE(OpenFile({Write("n\n1\n\"NA\"\n")}, options).has_value()) << "a text";

  options.types = {{"n", arrow::list(arrow::int16())}};
  EXPECT_EQ(OpenFile({path}, options).error().kind, ErrorKind::kUnsupported);
}

TEST_F(Csv, SourceIsOfTheBytes) {
  const std::string bytes = "a,b\n1,2\n";
  const auto opened = Must(OpenFile({Write(bytes, "depths.v2.csv")}));
  EXPECT_EQ(opened.tables[0].name, "depths.v2");
  EXPECT_EQ(opened.source.file_name, "depths.v2.csv");
  EXPECT_EQ(opened.source.size_bytes, static_cast<int64_t>(bytes.size()));
  EXPECT_EQ(opened.source.sha256, Sha256Hex(bytes));
}

TEST_F(Csv, ChangeWhileReadingIsTold) {
  const std::string path = Write("a,b\n1,2\n");
  auto opened = Must(OpenFile({path}));
  std::ofstream(path, std::ios::app) << "3,4\n";
  const auto table = opened.tables[0].reader->ToTable();
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(FromArrow(table.status(), "").kind, ErrorKind::kConflict);
}

TEST_F(Csv, RemovedWhileReadingIsTold) {
  const std::string path = Write("a,b\n1,2\n");
  auto opened = Must(OpenFile({path}));
  std::filesystem::remove(path);
  const auto table = opened.tables[0].reader->ToTable();
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(FromArrow(table.status(), "").kind, ErrorKind::kConflict);
}

/// Texts made of what parsers stumble over, written in all the ways that RFC 4180 allows.
TEST_F(Csv, RandomTextsComeBack) {
  std::mt19937 random(20260127);
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  const Strings pieces = {"x", ",", "\"", "\n", "\r\n", " ", "NA", "1", "é", ";", "'", "\\", "-"};
  const Strings breaks = {"\n", "\r\n"};
  for (int round = 0; round < 60; ++round) {
    const unsigned columns = 1 + pick(4), rows = 1 + pick(30);
    const std::string& line_break = breaks[pick(2)];
    std::vector<Strings> expected(columns);
    std::string bytes;
    for (unsigned i = 0; i < columns; ++i)
      bytes += (i > 0 ? ",h" : "h") + std::to_string(i);
    bytes += line_break;
    for (unsigned row = 0; row <= rows; ++row) {
      for (unsigned column = 0; column < columns; ++column) {
        std::string text = row == 0 ? "text" : "";  // the first row makes every column text
        for (unsigned n = row == 0 ? 0 : pick(5); n > 0; --n)
          text += pieces[pick(13)];
        const bool null = row > 0 && text.empty() && pick(2) == 0;
        bool quotes = text.find_first_of("\",\n\r") != std::string::npos || text.empty() ||
                      text.front() == ' ' || pick(4) == 0;
        if (row == 0) quotes = false;
        std::string cell = text;
        if (quotes) {
          for (size_t at = 0; (at = cell.find('"', at)) != cell.npos; at += 2)
            cell.insert(at, "\"");
          cell = "\"" + cell + "\"";
        }
        bytes += (column > 0 ? "," : "") + (null ? "" : cell);
        expected[column].push_back(null ? "<null>" : text);
      }
      bytes += line_break;
    }
    const auto table = Read(bytes);
    ASSERT_NE(table, nullptr) << bytes;
    for (unsigned column = 0; column < columns; ++column) {
      ASSERT_EQ(Texts(*table, static_cast<int>(column)), expected[column]) << bytes;
    }
  }
}

std::string Numbers(int columns, int rows) {
  std::string bytes;
  for (int row = 0; row <= rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      bytes += column > 0 ? "," : "";
      bytes += row == 0 ? "c" + std::to_string(column) : std::to_string(row + column);
    }
    bytes += '\n';
  }
  return bytes;
}

TEST_F(Csv, WideFiles) {
  const auto table = Read(Numbers(5'000, 3));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->num_columns(), 5'000);
  EXPECT_EQ(Texts(*table, 4'999), (Strings{"5000", "5001", "5002"}));
  OpenFileOptions options;
  options.limits.columns = 100'000;
  const auto refused = OpenFile({Write(Numbers(32'769, 1))}, options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kValidation);
  EXPECT_NE(refused.error().message.find("has more than 32768 columns"), std::string::npos)
      << refused.error().message;
}

TEST_F(Csv, BatchesOfWideFilesAreSmall) {
  auto opened = Must(OpenFile({Write(Numbers(1'100, 4'200))}));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_TRUE(opened.tables[0].reader->ReadNext(&batch).ok());
  EXPECT_LT(batch->num_rows(), 4'200) << "37 MB in one batch";
}

/// An array takes its place however few rows it has.
TEST_F(Csv, ShortRowsOfWideFilesTakeLittle) {
  std::string bytes = "c0";
  for (int i = 1; i < 20'000; ++i)
    bytes += ",c" + std::to_string(i);
  bytes += "\n";
  for (int i = 0; i < 500; ++i)
    bytes += "1\n";
  auto opened = Must(OpenFile({Write(bytes)}));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_TRUE(opened.tables[0].reader->ReadNext(&batch).ok());
  EXPECT_LT(batch->num_rows(), 500);
  EXPECT_EQ(batch->column_data(1).get(), batch->column_data(19'999).get()) << "nulls, only once";
}

}  // namespace
}  // namespace coreshed::sources

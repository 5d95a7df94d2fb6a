#include "sources/excel.h"

#include <arrow/api.h>
#include <coreshed/sources.h>
#include <coreshed/validation.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/arrow_error.h"
#include "sources/opened.h"
#include "sources/test_xlsx.h"
#include "support/result_checks.h"

namespace coreshed::sources {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;

Result<OpenedFile> Open(const std::string& bytes, const OpenOptions& options = {},
                        const std::string& name = "book.xlsx") {
  CORESHED_ASSIGN(auto opened, OpenKept({"", arrow::Buffer::FromString(bytes), name}, options));
  return std::move(opened.file);
}

/// The values of a column as texts; null as "<null>".
Strings Values(const arrow::Table& table, int column = 0) {
  Strings texts;
  for (const auto& chunk : table.column(column)->chunks()) {
    if (chunk->type_id() == arrow::Type::DURATION) {
      for (int64_t i = 0; i < chunk->length(); ++i)
        texts.push_back(chunk->GetScalar(i).ValueOrDie()->ToString());
      continue;
    }
    const auto cells = std::static_pointer_cast<arrow::StringArray>(Must(CellTexts(chunk)));
    for (int64_t row = 0; row < cells->length(); ++row)
      texts.push_back(cells->IsNull(row) ? "<null>" : cells->GetString(row));
  }
  return texts;
}

class Excel : public ::testing::Test {
 protected:
  /// The only table.
  std::shared_ptr<arrow::Table> Read(const TestXlsx& book, const OpenOptions& options = {}) {
    auto opened = Must(Open(book.Bytes(), options));
    EXPECT_EQ(opened.tables.size(), 1U);
    warnings_ = opened.warnings;
    auto table = opened.tables[0].reader->ToTable();
    EXPECT_TRUE(table.ok()) << table.status().ToString();
    EXPECT_TRUE((*table)->ValidateFull().ok());
    return *table;
  }
  std::shared_ptr<arrow::Table> Read(const std::string& rows) { return Read(TestXlsx({rows})); }
  /// The type of a column of these cells, and what it holds.
  std::string Column(const std::string& cells_in_rows, const std::vector<std::string>& codes = {},
                     const std::string& workbook = "") {
    TestXlsx book({Texts({"n"}) + cells_in_rows});
    book.SetStyles(codes);
    book.SetWorkbook(workbook, "<sheet name='S1' r:id='r1'/>");
    const auto table = Read(book);
    std::string told = table->schema()->field(0)->type()->ToString() + ":";
    for (const auto& value : Values(*table))
      told += " " + value;
    return told;
  }
  /// The same of cells with numbers in one style.
  std::string Numbers(const Strings& numbers, const std::string& style = "",
                      const std::string& workbook = "") {
    std::string rows;
    for (const auto& number : numbers)
      rows += Row(Cell(number, style.empty() ? "" : "s='" + style + "'"));
    return Column(rows, {}, workbook);
  }
  /// The message of opening or of reading.
  std::string Fails(const std::string& bytes, ErrorKind kind = ErrorKind::kValidation,
                    const OpenOptions& options = {}) {
    auto opened = Open(bytes, options);
    Error error;
    if (opened) {
      for (auto& table : opened->tables) {
        auto read = table.reader->ToTable();
        if (read.ok()) continue;
        error = FromArrow(read.status(), "reading");
      }
      EXPECT_FALSE(error.message.empty()) << "was read";
    } else {
      error = opened.error();
    }
    EXPECT_EQ(error.kind, kind) << error.message;
    EXPECT_THAT(error.message, HasSubstr("book.xlsx"));
    return error.message;
  }
  std::string Fails(const TestXlsx& book) { return Fails(book.Bytes()); }
  std::string FailsWith(const std::string& rows) { return Fails(TestXlsx({rows})); }

  Strings warnings_;
};

TEST_F(Excel, Numbers) {
  EXPECT_EQ(Numbers({"1", "-5", "3.0", "1E3"}), "int64: 1 -5 3 1000");
  EXPECT_EQ(Numbers({"9223372036854775807", "-9223372036854775808"}),
            "int64: 9223372036854775807 -9223372036854775808");
  EXPECT_EQ(Numbers({"9007199254740993"}), "int64: 9007199254740993");
  EXPECT_EQ(Numbers({"0.1", "0.30000000000000004", "3"}), "double: 0.1 0.30000000000000004 3.0");
  EXPECT_EQ(Numbers({"1.1000000000000001"}), "double: 1.1");  // as Excel writes it
  EXPECT_EQ(Numbers({"1.2345678901234567E+19", "1E-05"}), "double: 1.2345678901234567e+19 0.00001");
  EXPECT_EQ(Numbers({"-0", "1.5"}), "double: -0.0 1.5");
  EXPECT_EQ(Numbers({"1.5", "9007199254740993"}), "string: 1.5 9007199254740993");
  EXPECT_EQ(Numbers({"1.5", "9007199254740994"}), "double: 1.5 9.007199254740994e+15");
  EXPECT_EQ(Numbers({"123456789012345678901234567890", "1"}),
            "string: 123456789012345678901234567890 1");
  EXPECT_EQ(Numbers({"0.1234567890123456789"}), "string: 0.1234567890123456789");
  EXPECT_EQ(Numbers({"100000000000000000000"}), "string: 100000000000000000000");
  EXPECT_EQ(Numbers({"1E+20", "007"}), "double: 1e+20 7.0");
  EXPECT_EQ(Numbers({" 7\n", "-"}), "int64: 7");
}

TEST_F(Excel, TypesComeFromAllRows) {
  std::string rows = Texts({"n"});
  for (int i = 0; i < 150'000; ++i)
    rows += Row(Cell(std::to_string(i)));
  const auto numbers = Read(rows);
  EXPECT_EQ(numbers->num_rows(), 150'000);
  EXPECT_TRUE(numbers->schema()->field(0)->type()->Equals(arrow::int64()));
  EXPECT_EQ(Values(*numbers)[149'999], "149999");
  const auto texts = Read(rows + Texts({"007"}));
  EXPECT_TRUE(texts->schema()->field(0)->type()->Equals(arrow::utf8()));
  EXPECT_EQ(Values(*texts)[0], "0");
  EXPECT_EQ(Values(*texts)[150'000], "007");
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("'n' (0 in A2, '007' in A150002)")));
}

TEST_F(Excel, Days) {
  EXPECT_EQ(Numbers({"46049", "61", "1", "59", "2958465"}, "1"),
            "date32[day]: 2026-01-27 1900-03-01 1900-01-01 1900-02-28 9999-12-31");
  EXPECT_EQ(Numbers({"44587", "0", "2957003"}, "1", "<workbookPr date1904='1'/>"),
            "date32[day]: 2026-01-27 1904-01-01 9999-12-31");
  EXPECT_EQ(Numbers({"60", "0", "61"}, "1"), "string: 1900-02-29 1900-01-00 1900-03-01");
  EXPECT_EQ(Numbers({"60.5"}, "2"), "string: 1900-02-29 12:00:00");
  EXPECT_EQ(Numbers({"-1", "2958466", "-0.5"}, "1"), "double: -1.0 2958466.0 -0.5");
}

TEST_F(Excel, MomentsTimesAndWhatHasElapsed) {
  EXPECT_EQ(Numbers({"46049.437676504632", "46049"}, "2"),
            "timestamp[us]: 2026-01-27 10:30:15.25 2026-01-27 00:00:00");
  EXPECT_EQ(Numbers({"46049", "46049.5"}, "1"),
            "timestamp[us]: 2026-01-27 00:00:00 2026-01-27 12:00:00");
  EXPECT_EQ(Numbers({"46049.999999999"}, "2"), "timestamp[us]: 2026-01-28 00:00:00");
  EXPECT_EQ(Numbers({"0.4375", "0", "0.99998842592592593"}, "3"),
            "time64[us]: 10:30:00 00:00:00 23:59:59");
  EXPECT_EQ(Numbers({"0.9999999999"}, "3"), "string: 24:00:00");
  EXPECT_EQ(Numbers({"1.5"}, "3"), "timestamp[us]: 1900-01-01 12:00:00");
  EXPECT_EQ(Numbers({"1.5", "0.25", "-0.25"}, "4"),
            "duration[us]: 129600000000 21600000000 -21600000000");
  EXPECT_EQ(Column(Row(Cell("1.5", "s='4'")) + Row(Cell("-0.25", "s='4'")) + Row(Cell("1"))),
            "string: 36:00:00 -06:00:00 1");
  EXPECT_EQ(Column(Row(Cell("46049", "s='1'")) + Row(Cell("46049.5", "s='2'"))),
            "timestamp[us]: 2026-01-27 00:00:00 2026-01-27 12:00:00");
  EXPECT_EQ(Column(Row(Cell("46049", "s='1'")) + Row(Cell("0.5", "s='3'"))),
            "string: 2026-01-27 12:00:00");
}

TEST_F(Excel, IsoDates) {
  EXPECT_EQ(
      Column(Row(Cell("2026-01-27", "t='d'")) + Row(Cell("2026-01-28T00:00:00", "t='d' s='1'"))),
      "date32[day]: 2026-01-27 2026-01-28");
  EXPECT_EQ(Column(Row(Cell("2026-01-27T10:30:15.123456", "t='d'"))),
            "timestamp[us]: 2026-01-27 10:30:15.123456");
  EXPECT_EQ(Column(Row(Cell("10:30:00", "t='d'"))), "time64[us]: 10:30:00");
  EXPECT_EQ(Column(Row(Cell("yesterday", "t='d'"))), "string: yesterday");
}

TEST_F(Excel, FormatsThatShowDates) {
  const std::vector<std::pair<std::string, std::string>> formats{
      {"yyyy\\-mm\\-dd", "date32[day]"},
      {"[$-409]d\\-mmm\\-yy;@", "date32[day]"},
      {"mmmm", "date32[day]"},
      {"dd/mm/yyyy hh:mm", "timestamp[us]"},
      {"mm/dd h AM/PM", "timestamp[us]"},
      {"0.00", "double"},
      {"0.00E+00", "double"},
      {"General", "double"},
      {"#,##0.00\\ [$€-407]", "double"},
      {"[Red]0.0", "double"},
      {"0.0&quot; days&quot;", "double"},
      {"0%", "double"},
      {"@", "double"},
      {"0.0 kg", "double"},
      {"#,##0 m", "double"},
      {"0.00;yyyy", "double"},
      {"_-* #,##0.00_-", "double"},
      {"h:mm", "timestamp[us]"},
      {"mm:ss.0", "timestamp[us]"},
      {"[h]:mm", "duration[us]"},
      {"[mm]:ss", "duration[us]"},
      {"[ss]", "duration[us]"},
  };
  for (const auto& [code, type] : formats) {
    const std::string number = type == "date32[day]" ? "46049" : "46049.5";
    const std::string told = Column(Row(Cell(number, "s='5'")), {code});
    EXPECT_EQ(told.substr(0, told.find(':')), type) << code;
  }
}

TEST_F(Excel, BooleansAndErrors) {
  EXPECT_EQ(Column(Row(Cell("1", "t='b'")) + Row(Cell("0", "t='b'"))), "bool: true false");
  EXPECT_EQ(Column(Row(Cell("1", "t='b'")) + Row(Cell("1"))), "string: TRUE 1");
  EXPECT_EQ(Column(Row(Cell("1.5")) + Row(Cell("#N/A", "t='e'"))), "string: 1.5 #N/A");
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("'n' (1.5 in A2, #N/A in A3)")));
  EXPECT_THAT(FailsWith(Texts({"n"}) + Row(Cell("2", "t='b'"))), HasSubstr("cell A2: '2' is"));
}

TEST_F(Excel, TextsStayAsTheyAre) {
  TestXlsx book({Texts({"t"}) + Row(Cell("0", "t='s'")) + Row(Cell("1", "t='s'")) +
                 Row(Cell("2", "t='s'")) + Row(Cell("3", "t='s'")) + Row(TextCell("007")) +
                 Row("<c t='str'><f>A1</f><v>a_x000D_\nb</v></c>")});
  book.SetStrings({"<t xml:space='preserve'> x </t>", "<t>two\nlines</t>",
                   "<r><rPr><b/></rPr><t>rich </t></r><r><t>text</t></r><rPh><t>no</t></rPh>",
                   "<t>_x005F_x000D_ _xD83D__xDE00_ _xD83D_ _x0000_ _xZZZZ_ _x41_</t>"});
  EXPECT_THAT(
      Values(*Read(book)),
      ElementsAre(" x ", "two\nlines", "rich text",
                  "_x000D_ \xF0\x9F\x98\x80 _xD83D_ _x0000_ _xZZZZ_ _x41_", "007", "a\r\nb"));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(Excel, EmptyCellsAndEmptyTexts) {
  const std::string blank = "<c t='str'><f>x</f><v></v></c>";
  auto table = Read(Texts({"n", "m"}) + Row(Cell("1") + Cell("1")) + Row(blank + Cell("1")) +
                    Row("<c/>" + Cell("1")));
  EXPECT_TRUE(table->schema()->field(0)->type()->Equals(arrow::int64()));
  EXPECT_THAT(Values(*table), ElementsAre("1", "<null>", "<null>"));
  table = Read(Texts({"t", "n"}) + Texts({"a", "x"}) + Row(blank + Cell("1")) +
               Row(TextCell("  ") + Cell("1")) + Row(Cell("-") + Cell("1")));
  EXPECT_THAT(Values(*table), ElementsAre("a", "", "  ", "<null>"));
  EXPECT_EQ(Column(Row(blank)), "string:");  // a row of nothing
}

TEST_F(Excel, BlankRowsArePassedOver) {
  EXPECT_EQ(Column(Row(Cell("1")) + Row("") + Row(Cell("-")) + Row(TextCell("  ")) +
                   Row(Cell("2"), "r='900'") + Row("", "r='1048576'")),
            "int64: 1 2");
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(Excel, HeaderBelowTitles) {
  const auto table = Read(Texts({"Report of 2026"}) + Row("") + Texts({"By:", "me"}) +
                          Texts({"a", "b", "c", "d"}) + Row(Cell("1") + Cell("2")));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(table->num_rows(), 1);
  EXPECT_THAT(warnings_, ElementsAre("sheet 'S1': the header is row 4: rows 1 to 3 were passed "
                                     "over."));
}

TEST_F(Excel, HeaderThatLooksLikeAFewThings) {
  // An index without a name, years, days.
  auto table = Read(Texts({"-", "a"}) + Row(TextCell("x") + Cell("1")));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("column1", "a"));
  EXPECT_THAT(warnings_, IsEmpty());
  table = Read(Texts({"Title"}) + Row(TextCell("land") + Cell("2025") + Cell("46049", "s='1'")) +
               Row(TextCell("Norway") + Cell("1.5") + Cell("2")));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("land", "2025", "2026-01-27"));
  // No row can be one.
  table = Read(Row(Cell("1.5") + Cell("2")) + Row(Cell("2.5") + Cell("3")));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("1.5", "2"));
  EXPECT_EQ(table->num_rows(), 1);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("no row looks like a header, so row 1")));
  table = Read(Texts({"a"}) + Row(Cell("1") + Cell("2")) + Row(Cell("3") + Cell("4")));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("a", "column2"));
  EXPECT_EQ(table->num_rows(), 2);
}

TEST_F(Excel, HeaderOfAnyValues) {
  const std::string rows = Row(TextCell("S1") + Cell("3") + Cell("4") + Cell("5")) +
                           Row(TextCell("S2") + Cell("6") + Cell("7") + Cell("8"));
  const auto names = [&](const std::string& header) {
    const auto table = Read(header + rows);
    EXPECT_EQ(table->num_rows(), 2);
    return table->schema()->field_names();
  };
  EXPECT_THAT(names(Row(TextCell("Sample") + Cell("0.5") + Cell("1.0") + Cell("1.5"))),
              ElementsAre("Sample", "0.5", "1", "1.5"));
  EXPECT_THAT(warnings_, ElementsAre("sheet 'S1': the header is row 1, though not all of it looks "
                                     "like names: 0.5 in B1."));
  EXPECT_THAT(names(Row(TextCell("Sample") + Cell("0.25", "s='3'") + Cell("46049.4375", "s='2'") +
                        Cell("1", "t='b'"))),
              ElementsAre("Sample", "06:00:00", "2026-01-27 10:30:00", "TRUE"));
  // An error is no name.
  const auto table = Read(Row(TextCell("a") + Cell("#REF!", "t='e'")) + Texts({"b", "c"}));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("b", "c"));
}

TEST_F(Excel, HeaderBelowFacts) {
  const std::string facts = Texts({"Project:", "Harbour"}) + Texts({"Client:", "X"});
  const std::string rows = Row(TextCell("BH1") + Cell("1.5") + TextCell("7")) +
                           Row(TextCell("BH2") + Cell("2") + TextCell("8"));
  const std::string header = Texts({"BH", "Depth", "N"});
  EXPECT_THAT(Read(facts + Row("") + header + rows)->schema()->field_names(),
              ElementsAre("BH", "Depth", "N"));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("the header is row 4: rows 1 to 3 were passed")));
  EXPECT_EQ(Read(facts + header + rows)->num_rows(), 2);
  const std::string other_facts = Texts({"Project", "Harbour"});
  EXPECT_EQ(Read(other_facts + Row("") + header + rows)->num_rows(), 2);
  const std::string numbers = Row(TextCell("BH1") + Cell("1.5") + Cell("7"));
  EXPECT_THAT(Read(other_facts + header + numbers)->schema()->field_names(),
              ElementsAre("BH", "Depth", "N"));
  // A row with a note in a column without a name is no header.
  const auto table = Read(Texts({"BH", "Depth"}) + Texts({"BH1", "none", "a note"}) +
                          Row(TextCell("BH2") + Cell("2")));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("BH", "Depth", "column3"));
}

TEST_F(Excel, HeaderIsLookedForInFiftyRows) {
  std::string titles;
  for (int i = 0; i < 49; ++i)
    titles += Texts({"title"});
  const std::string rows = Texts({"a", "b", "c"}) + Row(Cell("1") + Cell("2") + Cell("3"));
  EXPECT_EQ(Read(titles + rows)->num_rows(), 1);
  EXPECT_EQ(Read(titles + Texts({"title"}) + rows)->num_rows(), 51);  // under `title`
}

TEST_F(Excel, Names) {
  const auto table = Read(Texts({" Depth \n (m) ", "-", "column4", "-", "-", "a  b"}) +
                          Row(Cell("1") + Cell("-") + Cell("2") + Cell("3") + Cell("-")));
  EXPECT_THAT(table->schema()->field_names(),
              ElementsAre("Depth (m)", "column4", "column4_", "a  b"));
  EXPECT_EQ(Values(*table, 2), Strings{"3"});
  EXPECT_THAT(FailsWith(Texts({"x", "a", "a "}) + Texts({"1", "2", "3"})),
              HasSubstr("sheet 'S1', cell C1: the header names more than one column 'a', the "
                        "other in B1"));
  EXPECT_THAT(FailsWith(Texts({"_x0007_"})), HasSubstr("no column can be called so"));
}

TEST_F(Excel, CellsAnywhere) {
  const auto table = Read(Row("<c r='C5' t='inlineStr'><is><t>a</t></is></c>"
                              "<c r='E5' t='inlineStr'><is><t>b</t></is></c>",
                              "r='5'") +
                          Row("<c r='C6'><v>1</v></c><c r='E6'><v>2</v></c>") +
                          Row("<c r='E9'><v>3</v></c>", "r='9'"));
  EXPECT_THAT(table->schema()->field_names(), ElementsAre("a", "b"));
  EXPECT_THAT(Values(*table, 0), ElementsAre("1", "<null>"));
  EXPECT_THAT(Values(*table, 1), ElementsAre("2", "3"));
}

TEST_F(Excel, SheetsAreTables) {
  const std::string rows = Texts({"a"}) + Row(Cell("1"));
  TestXlsx book({rows, rows, "", rows});
  book.parts["xl/_rels/workbook.xml.rels"] =
      "<Relationships>" + TestXlsx::Relation("r1", "worksheet", "../xl/./worksheets/SHEET1.xml") +
      TestXlsx::Relation("r2", "chartsheet", "worksheets/sheet2.xml") +
      TestXlsx::Relation("r3", "worksheet", "worksheets/sheet3.xml") +
      TestXlsx::Relation("r4", "worksheet", "worksheets/sheet4.xml") + "</Relationships>";
  book.SetWorkbook("",
                   "<sheet name='a' r:id='r1'/><sheet name='chart' r:id='r2'/><sheet name='none' "
                   "r:id='r3'/><sheet name='b c' state='hidden' r:id='r4'/>");
  const auto opened = Must(Open(book.Bytes()));
  ASSERT_EQ(opened.tables.size(), 2U);
  EXPECT_EQ(opened.tables[0].name, "a");
  EXPECT_EQ(opened.tables[1].name, "b c");
  EXPECT_THAT(opened.warnings, ElementsAre(HasSubstr("sheet 'chart': it is no worksheet"),
                                           HasSubstr("sheet 'none': it has no values"),
                                           HasSubstr("sheet 'b c': it is hidden")));
  for (const auto& table : opened.tables)
    EXPECT_EQ(table.reader->ToTable().ValueOrDie()->num_rows(), 1);
  EXPECT_EQ(Must(Open(TestXlsx({rows, ""}).Bytes())).tables[0].name, "book");
  EXPECT_THAT(Fails(TestXlsx({"", Row(Cell("-"))})), HasSubstr("no sheet has a value"));
  EXPECT_EQ(Read(Texts({"a", "b"}))->num_rows(), 0);
}

TEST_F(Excel, Formulas) {
  const std::string rows = Texts({"n"}) + Row("<c><f>1+1</f><v>2</v></c>");
  TestXlsx book({rows});
  EXPECT_EQ(Values(*Read(book)), Strings{"2"});
  EXPECT_THAT(warnings_, IsEmpty());
  book.SetWorkbook("<calcPr fullCalcOnLoad='1'/>", "<sheet name='S1' r:id='r1'/>");
  EXPECT_EQ(Values(*Read(book)), Strings{"2"});
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("wants its formulas calculated")));
  for (const char* cell :
       {"<c><f>1+1</f><v></v></c>", "<c><f>1+1</f></c>", "<c t='str'><f>1+1</f></c>"}) {
    EXPECT_THAT(FailsWith(Texts({"n"}) + Row(cell)),
                HasSubstr("cell A2: it has a formula without a result"));
  }
}

TEST_F(Excel, MergedCellsAreTold) {
  TestXlsx book({Texts({"a", "b"}) + Row(Cell("1") + Cell("2")) + Row(Cell("-") + Cell("3"))});
  book.parts["xl/worksheets/sheet1.xml"].insert(
      book.parts["xl/worksheets/sheet1.xml"].find("</worksheet>"),
      "<mergeCells><mergeCell ref='A1:B1'/><mergeCell ref='A2:A3'/></mergeCells>");
  EXPECT_THAT(Values(*Read(book)), ElementsAre("1", "<null>"));
  EXPECT_THAT(warnings_, ElementsAre(AllOf(HasSubstr("A2:A3"), Not(HasSubstr("A1:B1")))));
}

TEST_F(Excel, LikeAnEarlierVersion) {
  const auto like =
      arrow::schema({arrow::field("x", arrow::float64()), arrow::field("t", arrow::utf8()),
                     arrow::field("d", arrow::timestamp(arrow::TimeUnit::MICRO)),
                     arrow::field("m", arrow::decimal128(9, 2)), arrow::field("n", arrow::int8()),
                     arrow::field("k", arrow::int64())});
  const std::string rows =
      Texts({"x", "t", "d", "m", "n", "k"}) + Row(Cell("1") + Cell("7") + Cell("46049", "s='1'") +
                                                  Cell("1.5") + Cell("300") + TextCell("5"));
  OpenOptions options;
  options.like = {{"anything", like}};
  auto table = Read(TestXlsx({rows}), options);
  EXPECT_EQ(table->schema()->ToString(),
            "x: double\nt: string\nd: timestamp[us]\nm: decimal128(9, 2)\nn: int64\nk: string");
  EXPECT_EQ(Values(*table, 1), Strings{"7"});
  EXPECT_EQ(Values(*table, 2), Strings{"2026-01-27 00:00:00"});
  EXPECT_EQ(Values(*table, 3), Strings{"1.50"});
  EXPECT_THAT(warnings_, IsEmpty());
  // By table, where there are several.
  options.like = {{"S2", like}};
  const auto opened = Must(Open(TestXlsx({rows, rows}).Bytes(), options));
  EXPECT_TRUE(opened.tables[0].reader->schema()->field(0)->type()->Equals(arrow::int64()));
  EXPECT_TRUE(opened.tables[1].reader->schema()->field(0)->type()->Equals(arrow::float64()));
}

TEST_F(Excel, GivenTypes) {
  OpenOptions options;
  options.types = {{"n", arrow::int16()}, {"t", arrow::utf8()}, {"other", arrow::int8()}};
  const std::string rows = Texts({"n", "t"}) + Row(Cell("1") + Cell("1.5")) +
                           Row(TextCell(" 12 ") + Cell("1", "t='b'")) + Row(TextCell(" "));
  const auto table = Read(TestXlsx({rows + Row(Cell("-") + Cell("2"))}), options);
  EXPECT_EQ(table->schema()->ToString(), "n: int16\nt: string");
  EXPECT_THAT(Values(*table, 0), ElementsAre("1", "12", "<null>"));
  EXPECT_THAT(Values(*table, 1), ElementsAre("1.5", "TRUE", "2"));
  EXPECT_THAT(Fails(TestXlsx({rows + Row(Cell("70000"))}).Bytes(), ErrorKind::kValidation, options),
              HasSubstr("cell A5: '70000' is no int16, which column 'n' must be"));
  options.types = {{"n", arrow::binary()}};
  const Error error = MustFail(Open(TestXlsx({rows}).Bytes(), options));
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
}

TEST_F(Excel, OtherFilesWithThisEnding) {
  EXPECT_THAT(Fails(""), HasSubstr("is empty"));
  EXPECT_THAT(Fails("a;b\n1;2\n"), HasSubstr("is no Excel workbook"));
  EXPECT_THAT(Fails("\r\n<html><table>"), HasSubstr("web page"));
  const std::string ole("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
  EXPECT_THAT(Fails(ole + std::string(1000, '\0')), HasSubstr("old Excel file (.xls)"));
  std::string name;
  for (const char c : std::string("EncryptedPackage"))
    name += {c, '\0'};
  EXPECT_THAT(Fails(ole + std::string(1000, '\0') + name), HasSubstr("protected by a password"));
  TestXlsx book({""});
  book.parts["_rels/.rels"] = "<Relationships>" +
                              TestXlsx::Relation("r1", "officeDocument", "xl/workbook.bin") +
                              "</Relationships>";
  EXPECT_THAT(Fails(book), HasSubstr(".xlsb"));
  book.parts.erase("_rels/.rels");
  EXPECT_THAT(Fails(book), HasSubstr("no Excel workbook is in it"));
  TestXlsx word({""});
  word.parts["xl/workbook.xml"] = "<document/>";
  EXPECT_THAT(Fails(word), HasSubstr("no Excel workbook is in it"));
  for (const char* ending : {"a.xls", "a.XLSB"}) {
    const Error error = MustFail(FormatOfFile(ending));
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(error.message, HasSubstr("save it as .xlsx"));
  }
  EXPECT_EQ(Must(FormatOfFile("a.XLSM")), FileFormat::kExcel);
}

TEST_F(Excel, DamagedArchives) {
  const std::string whole = TestXlsx({Texts({"a"}) + Row(Cell("1"))}).Bytes();
  EXPECT_THAT(Fails(whole.substr(0, whole.size() - 30)), HasSubstr("is cut short"));
  // Any byte another one: an error, or the same table, but no crash.
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {0x01, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      auto opened = Open(bytes);
      if (!opened) continue;
      for (const auto& table : opened->tables) {
        const auto read = table.reader->ToTable();
        if (!read.ok()) continue;
        EXPECT_EQ(Values(**read), Strings{"1"}) << at;
      }
    }
  }
  const auto with = [](TestZip::Member member) {
    TestXlsx book({""});
    book.parts.erase(member.name);
    auto zip = book.Zip();
    zip.Add(std::move(member));
    return zip.Bytes();
  };
  const std::string part = "xl/worksheets/sheet1.xml";
  const std::string sheet = "<worksheet><sheetData/></worksheet>";
  EXPECT_THAT(Fails(with({part, sheet, true, 1})), HasSubstr(part + " is encrypted"));
  EXPECT_THAT(Fails(with({part, sheet, true, 0, 12})), HasSubstr("method 12"));
  EXPECT_THAT(Fails(with({part, sheet, true, 0, 0, 5})), HasSubstr(part + " is damaged"));
  EXPECT_THAT(Fails(with({part, sheet, true, 0, 0, 500})), HasSubstr(part + " is damaged"));
  EXPECT_THAT(Fails(with({part, sheet, true, 0, 0, -1, 1})), HasSubstr(part + " is damaged"));
  EXPECT_THAT(Fails(with({part, sheet, false, 0, 0, -1, 1})), HasSubstr(part + " is damaged"));
  EXPECT_THAT(Fails(with({part, sheet, false})), HasSubstr("no sheet has a value"));
  EXPECT_THAT(Fails(with({"XL/workbook.xml", "<workbook/>"})), HasSubstr("two parts called"));
}

TEST_F(Excel, ArchivesWithRoomForMore) {
  const std::string whole = TestXlsx({Texts({"a"}) + Row(Cell("1"))}).Zip().Bytes(true);
  const auto opened = Must(Open(whole));
  EXPECT_EQ(Values(*opened.tables[0].reader->ToTable().ValueOrDie()), Strings{"1"});
  for (size_t at = whole.find("PK\x01\x02"); at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x81);
    if (auto other = Open(bytes)) (void)other->tables[0].reader->ToTable();
  }
}

TEST_F(Excel, DamagedWorkbooks) {
  const std::string rows = Texts({"a"}) + Row(Cell("1"));
  const auto without = [&](const std::string& part) {
    TestXlsx book({rows});
    book.parts.erase(part);
    return Fails(book);
  };
  for (const char* part : {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
                           "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"}) {
    EXPECT_THAT(without(part), HasSubstr(std::string("its part ") + part + " is missing"));
  }
  const auto sheet_at = [&](const std::string& target, const std::string& more = "") {
    TestXlsx book({rows});
    book.parts["xl/_rels/workbook.xml.rels"] = "<Relationships>" +
                                               TestXlsx::Relation("r1", "worksheet", target, more) +
                                               "</Relationships>";
    return Fails(book);
  };
  EXPECT_THAT(sheet_at("../../etc/passwd"), HasSubstr("climbs out of the file"));
  EXPECT_THAT(sheet_at("file:///etc/passwd", "TargetMode='External'"),
              HasSubstr("lies in another file"));
  TestXlsx twice({rows, rows});
  twice.SetWorkbook("", "<sheet name='a' r:id='r1'/><sheet name='b' r:id='r1'/>");
  EXPECT_THAT(Fails(twice), HasSubstr("sheet 'b' lies where another sheet lies"));
  twice.SetWorkbook("", "<sheet name='a' r:id='r1'/><sheet name='a' r:id='r2'/>");
  EXPECT_THAT(Fails(twice), HasSubstr("two sheets are called 'a'"));
  twice.SetWorkbook("", "<sheet name='a' r:id='r7'/>");
  EXPECT_THAT(Fails(twice), HasSubstr("sheet 'a' is missing"));
  twice.SetWorkbook("", "<sheet name='' r:id='r1'/>");
  EXPECT_THAT(Fails(twice), HasSubstr("no table can be called as its sheet ''"));
}

TEST_F(Excel, BrokenXml) {
  const auto sheet = [&](const std::string& xml) {
    TestXlsx book({""});
    book.parts["xl/worksheets/sheet1.xml"] = xml;
    return Fails(book);
  };
  EXPECT_THAT(sheet("<worksheet><sheetData></worksheet>"), HasSubstr("line 1: the XML is broken"));
  EXPECT_THAT(sheet(std::string("<worksheet>\0</worksheet>", 24)), HasSubstr("broken"));
  EXPECT_THAT(sheet("<worksheet>\xFF</worksheet>"), HasSubstr("broken"));
  EXPECT_THAT(sheet("<chartsheet/>"), HasSubstr("is no worksheet"));
  EXPECT_THAT(sheet("<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet>&b;</worksheet>"),
              HasSubstr("has a DOCTYPE"));
  std::string deep;
  for (int i = 0; i < 200'000; ++i)
    deep += "<a>";
  EXPECT_THAT(sheet("<worksheet>" + deep), HasSubstr("too many are within one another"));
  EXPECT_THAT(sheet("<worksheet a='" + std::string(10 << 20, 'x') + "'/>"),
              HasSubstr("a tag is too long"));
}

/// The ranges of a conditional format are one attribute, of as many cells as a person chose.
TEST_F(Excel, LongTags) {
  std::string ranges;
  while (ranges.size() < size_t{1} << 20)
    ranges += "A1000000 ";
  TestXlsx book({""});
  book.parts["xl/worksheets/sheet1.xml"] =
      "<worksheet><sheetData>" + Texts({"a"}) + Row(Cell("1")) +
      "</sheetData><conditionalFormatting sqref='" + ranges + "'/></worksheet>";
  EXPECT_EQ(Values(*Read(book)), Strings{"1"});
}

TEST_F(Excel, CellsThatCantBe) {
  const std::string head = Texts({"a"});
  EXPECT_THAT(FailsWith(head + Row("<c r='XFE2'><v>1</v></c>")), HasSubstr("called 'XFE2'"));
  EXPECT_THAT(FailsWith(head + Row("<c r='AAAAAAAAAAAAAAAAAAAAAA2'/>")), HasSubstr("is called"));
  EXPECT_THAT(FailsWith(head + Row("<c r='A3'><v>1</v></c>")), HasSubstr("row 2: a cell"));
  EXPECT_THAT(FailsWith(head + Row("<c r='B2'/><c r='A2'/>")), HasSubstr("'A2' after B2"));
  EXPECT_THAT(FailsWith(head + Row("", "r='1048577'")), HasSubstr("row is called '1048577'"));
  EXPECT_THAT(FailsWith(head + Row("", "r='1'")), HasSubstr("'1' after row 1"));
  EXPECT_THAT(FailsWith(head + Row("", "r='x'")), HasSubstr("row is called 'x'"));
  EXPECT_THAT(FailsWith(head + Row(Cell("0", "t='s'"))),
              HasSubstr("cell A2: it refers to shared text '0', and the file has 0"));
  EXPECT_THAT(FailsWith(head + Row(Cell("-1", "t='s'"))), HasSubstr("shared text '-1'"));
  EXPECT_THAT(FailsWith(head + Row(Cell("1", "s='9'"))), HasSubstr("it has style 9"));
  EXPECT_THAT(FailsWith(head + Row(Cell("1", "s='x'"))), HasSubstr("style is no number"));
  EXPECT_THAT(FailsWith(head + Row(Cell("1", "t='z'"))), HasSubstr("type 'z' is unknown"));
  for (const char* number : {"x", "1,5", "NaN", "INF", "1e400", "0x10", "+1"}) {
    EXPECT_THAT(FailsWith(head + Row(Cell(number))),
                HasSubstr("cell A2: '" + std::string(number) + "' is no number"));
  }
  EXPECT_THAT(FailsWith(head + Row(TextCell(std::string(10 << 20, 'x')))),
              HasSubstr("cell A2: it has a text of more than 128 KiB"));
  TestXlsx book({head});
  book.SetStrings({"<t>" + std::string(10 << 20, 'x') + "</t>"});
  EXPECT_THAT(Fails(book), HasSubstr("a shared text, number 0, has more than 128 KiB"));
}

TEST_F(Excel, Limits) {
  const auto fails = [&](const TestXlsx& book, const auto& set) {
    OpenOptions options;
    set(options.limits);
    return Fails(book.Bytes(), ErrorKind::kValidation, options);
  };
  const TestXlsx small({Texts({"a", "b", "c"}), Texts({"a"})});
  EXPECT_THAT(fails(small, [](FileLimits& limits) { limits.columns = 2; }),
              HasSubstr("the sheet has 3 columns, and at most 2"));
  EXPECT_THAT(fails(small, [](FileLimits& limits) { limits.entries = 1; }),
              HasSubstr("more than 1 sheets"));
  EXPECT_THAT(fails(small, [](FileLimits& limits) { limits.unpacked_bytes = 1000; }),
              HasSubstr("unpacks to more than 1000 bytes"));
  const TestXlsx many(Strings(11, Texts({"a", "b"})));
  EXPECT_THAT(fails(many, [](FileLimits& limits) { limits.columns = 2; }),
              HasSubstr("more than 20 columns together"));
  const TestXlsx bomb({Texts({"a"}) + std::string(70 << 20, ' ')});
  EXPECT_THAT(fails(bomb, [](FileLimits&) {}), HasSubstr("more than 250 times"));
  // A short text that many cells refer to.
  TestXlsx echo({Row(Cell("0", "t='s'")) + Row(Cell("1", "t='s'")) + Row(Cell("1", "t='s'"))});
  echo.SetStrings({"<t>a</t>", "<t>" + std::string(60'000, 'x') + "</t>"});
  EXPECT_EQ(Read(echo)->num_rows(), 2);
  EXPECT_THAT(fails(echo, [](FileLimits& limits) { limits.unpacked_bytes = 100'000; }),
              HasSubstr("more than 100000 bytes of text up to here"));
}

TEST_F(Excel, CanBeCancelled) {
  std::string rows = Texts({"a"});
  for (int i = 0; i < 100'000; ++i)
    rows += Row(Cell("1"));
  const std::string bytes = TestXlsx({rows}).Bytes();
  std::stop_source stop;
  OpenOptions options;
  options.stop = stop.get_token();
  const auto opened = Must(Open(bytes, options));
  stop.request_stop();
  EXPECT_EQ(MustFail(Open(bytes, options)).kind, ErrorKind::kCancelled);
  const auto status = opened.tables[0].reader->ToTable().status();
  EXPECT_EQ(FromArrow(status, "reading").kind, ErrorKind::kCancelled);
}

TEST_F(Excel, IsNotWritten) {
  const auto table = arrow::Table::MakeEmpty(arrow::schema({arrow::field("a", arrow::int8())}));
  arrow::TableBatchReader rows(**table);
  EXPECT_EQ(MustFail(WriteTableFile(rows, "never.xlsx", FileFormat::kExcel)).kind,
            ErrorKind::kUnsupported);
}

/// For those who check cells themselves: every value as the text that a CSV file would have.
TEST_F(Excel, Cells) {
  OpenOptions options;
  options.as_cells = true;
  const std::string names = Texts({"n"});
  const auto cells = [&](const std::string& rows, const std::shared_ptr<arrow::DataType>& type) {
    options.types = {{"n", type}};
    const auto table = Read(TestXlsx({names + rows}), options);
    EXPECT_THAT(warnings_, IsEmpty());
    std::string told = table->schema()->field(0)->type()->ToString() + ":";
    for (const auto& value : Values(*table))
      told += " " + value;
    return told;
  };
  EXPECT_EQ(cells(Row(Cell("1")) + Texts({"x"}) + Row(Cell("9007199254740993")), arrow::int64()),
            "string: 1 x 9007199254740993");
  EXPECT_EQ(cells(Row(Cell("0.1")) + Row(Cell("1", "t='b'")) + Row(Cell("#N/A", "t='e'")),
                  arrow::float64()),
            "string: 0.1 TRUE #N/A");
  const std::string times = Row(Cell("46049", "s='1'")) + Row(Cell("46049.4375", "s='2'"));
  EXPECT_EQ(cells(times, arrow::date32()), "string: 2026-01-27 2026-01-27 10:30:00");
  EXPECT_EQ(cells(times, arrow::timestamp(arrow::TimeUnit::MILLI)),
            "string: 2026-01-27 00:00:00 2026-01-27 10:30:00");
  const std::string elapsed = Row(Cell("1.25", "s='4'"));
  EXPECT_EQ(cells(elapsed, arrow::int64()), "string: 30:00:00");
  EXPECT_THAT(cells(elapsed, arrow::duration(arrow::TimeUnit::MILLI)), HasSubstr("duration[us]:"));
}

/// A schema counts by the name that a table gets: of one sheet with values, that of the file.
TEST_F(Excel, TypesOfASchemaGoByTable) {
  SchemaDefinition keeps;
  keeps.tables = {{"book", "", {{"n", "string"}}}, {"S1", "", {{"n", "int8"}}}};
  const auto types = [&](const std::vector<std::string>& sheets) {
    OpenOptions options;
    options.schema = std::make_shared<const SchemaDefinition>(keeps);
    std::string told;
    for (const auto& table : Must(Open(TestXlsx(sheets).Bytes(), options)).tables)
      told += table.name + " " + table.reader->schema()->field(0)->type()->ToString() + " ";
    return told;
  };
  const std::string one = Texts({"n"}) + Row(Cell("1"));
  EXPECT_EQ(types({one}), "book string ");
  EXPECT_EQ(types({one, ""}), "book string ");
  EXPECT_EQ(types({one, one}), "S1 int8 S2 int64 ");
  keeps.tables.erase(keeps.tables.begin());
  EXPECT_EQ(types({one, ""}), "book int8 ") << "the only one";
  EXPECT_EQ(types({one, one}), "S1 int8 S2 int64 ");
}

TEST_F(Excel, CellsAreInRows) {
  OpenOptions options;
  options.as_cells = true;
  const auto opened = Must(sources::OpenKept(
      {"",
       arrow::Buffer::FromString(TestXlsx({Texts({"a title"}) + Texts({"a", "b"}) + Row("") +
                                           Texts({"x", "y"}) + Row("") + Texts({"x", "y"})})
                                     .Bytes()),
       "book.xlsx"},
      options));
  ASSERT_EQ(opened.origins.size(), 1U);
  EXPECT_EQ(opened.origins[0].file, "book.xlsx");
  EXPECT_EQ(opened.origins[0].line_of(1), 4);
  EXPECT_EQ(opened.origins[0].line_of(2), 6);
}

}  // namespace
}  // namespace coreshed::sources

#include <arrow/api.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/arrow_error.h"
#include "sources/test_ags.h"

namespace coreshed {
namespace {

/// A group GEOL of one heading without TYPE faults, and further rows.
std::vector<std::string> Group(const std::vector<std::string>& rows) {
  std::vector<std::string> lines{R"("GROUP","GEOL")", R"("HEADING","GEOL_TOP","GEOL_DESC")",
                                 R"("UNIT","m","")", R"("TYPE","2DP","X")"};
  lines.insert(lines.end(), rows.begin(), rows.end());
  return lines;
}

/// The warnings of a text, but for those of groups that are missing.
std::vector<std::string> Warnings(const std::string& text) {
  auto warnings = Must(OpenText(text)).warnings;
  std::erase_if(warnings, [](const std::string& warning) {
    return warning.find("there is no group") != std::string::npos;
  });
  return warnings;
}

TEST(Ags, GroupsBecomeTables) {
  const auto opened = Must(OpenText(Sound()));
  EXPECT_TRUE(opened.warnings.empty()) << opened.warnings.front();
  EXPECT_EQ(opened.source.file_name, "hole.ags");
  std::vector<std::string> names;
  for (const auto& table : opened.tables)
    names.push_back(table.name);
  EXPECT_EQ(names, (std::vector<std::string>{"PROJ", "TRAN", "UNIT", "TYPE", "GEOL"}));
  const auto geol = TableOf(opened, "GEOL");
  EXPECT_EQ(Cells(*geol, "LOCA_ID"), "BH1,BH1");
  EXPECT_EQ(Cells(*geol, "GEOL_TOP"), "0,1.5");
  EXPECT_EQ(Cells(*TableOf(opened, "PROJ"), "PROJ_NAME"), "ACME \"Gas\" Works");
  const auto top = geol->schema()->GetFieldByName("GEOL_TOP");
  EXPECT_TRUE(top->type()->Equals(arrow::float64()));
  EXPECT_EQ(top->metadata()->Get("ags_unit").ValueOrDie(), "m");
  EXPECT_EQ(top->metadata()->Get("ags_type").ValueOrDie(), "2DP");
  EXPECT_FALSE(top->metadata()->Contains("ags_format"));
  EXPECT_EQ(geol->schema()->metadata()->Get("ags_order").ValueOrDie(), "5");
  EXPECT_EQ(geol->schema()->metadata()->Get("ags_group").ValueOrDie(), "GEOL");
  EXPECT_FALSE(geol->schema()->metadata()->Contains("ags_line_end"));
}

TEST(Ags, FieldsAreReadAsTheyStand) {
  struct Example {
    std::string row, value;  ///< of GEOL_DESC
  };
  const std::vector<Example> examples{
      {R"("DATA","1.00","a, b")", "a, b"},
      {R"("DATA","1.00","say ""hi""")", "say \"hi\""},
      {R"("DATA","1.00","""")", "\""},
      {R"("DATA","1.00","")", "null"},
      {R"("DATA","1.00",)", "null"},
      {R"("DATA","1.00"," ")", " "},
      {R"("DATA","1.00"," x ")", " x "},
      {"\"DATA\",\"1.00\",\"a\r\nb\"", "a\r\nb"},
      {"\"DATA\",\"1.00\",\"a\rb\"", "a\rb"},
      {R"(DATA,1.00,5" pipe)", "5\" pipe"},
      {"\"DATA\" , \"1.00\",\t\"x\" ", "x"},
      {R"("data","1.00","x")", "x"},
      {"\"DATA\",\"1.00\",\"Größe ≥ 5 µm\"", "Größe ≥ 5 µm"},
      {"\"DATA\",\"1.00\",\"a\tb\x01\"", "a\tb\x01"},
  };
  for (const auto& [row, value] : examples) {
    for (const std::string before : {"", "\xEF\xBB\xBF"}) {
      for (const std::string after : {"\r\n", "\n", "\r", ""}) {
        auto text = before + Lines(Group({row}));
        text.replace(text.size() - 2, 2, after);
        const auto table = TableOf(Must(OpenText(text)), "GEOL");
        EXPECT_EQ(Cells(*table, "GEOL_DESC"), value) << row;
        EXPECT_EQ(Cells(*table, "GEOL_TOP"), "1") << row;
      }
    }
  }
}

TEST(Ags, FaultsAreToldWithRuleAndLine) {
  struct Example {
    std::vector<std::string> lines;
    std::string warning;
  };
  const std::string row = R"("DATA","1.00","x")";
  const std::vector<Example> examples{
      {Group({"\"DATA\",\"1.00\",\"\xC3\x9F\""}),
       "hole.ags, line 5: Rule 1: characters beyond ASCII"},
      {Group({row, "DATA,2.00,x"}), "hole.ags, line 6: Rule 5: a field is not in quotes"},
      {Group({"\"DATA\",\"1.00\",\"a\r\nb\"", row}), "hole.ags, line 5: Rule 6: a line break"},
      {Group({R"("DATA","1.00")", R"("DATA")"}),
       "hole.ags, line 5 (and 1 more): Rule 4: a DATA row of group GEOL has too few values"},
      {Group({R"("Data","1.00","x")"}), "hole.ags, line 5: Rule 3: "},
      {Group({}), "hole.ags, line 1: Rule 2: group GEOL has no DATA."},
      {Group({row, R"("DATA","1.5","x")", R"("DATA","y","x")"}),
       "hole.ags, line 6: Rule 8: a value of GEOL GEOL_TOP is not written as its TYPE 2DP says."},
      {{R"("GROUP","GEOL")", R"("HEADING","GEOL_TOP")", row.substr(0, 13)},
       "hole.ags, line 1: Rule 2b: group GEOL has no UNIT."},
      {{R"("GROUP","GEOL")", R"("HEADING","GEOL_TOP")", R"("TYPE","2DP")", R"("UNIT","m")"},
       "hole.ags, line 1: Rule 2b: group GEOL does not have HEADING, UNIT, TYPE in this order."},
      {{R"("GROUP","GEOL")", R"("UNIT","m")", R"("HEADING","GEOL_TOP")", R"("TYPE","2DP")"},
       "Rule 2b: group GEOL does not have"},
      {{R"("GROUP","GEOL")", R"("HEADING","GEOL_TOP","GEOL_BASE")", R"("UNIT","m")", R"("TYPE")"},
       "hole.ags, line 3: Rule 4: the UNIT row of group GEOL has fewer fields"},
      {{R"("GROUP","Geology")", R"("HEADING","GEOL_TOP")"},
       "hole.ags, line 1: Rule 19: group 'Geology'"},
      {{R"("GROUP","GEOL")", R"x("HEADING","Top (m)")x"},
       "hole.ags, line 2: Rule 19a: heading 'Top (m)'"},
      {{R"("GROUP","GEOL")", R"("HEADING","TOP")"}, "hole.ags, line 2: Rule 19b: heading 'TOP'"},
  };
  for (const auto& [lines, warning] : examples) {
    const auto warnings = Warnings(Lines(lines));
    const bool told = std::any_of(warnings.begin(), warnings.end(), [&](const auto& text) {
      return text.find(warning) != std::string::npos;
    });
    EXPECT_TRUE(told) << warning << "\n" << (warnings.empty() ? "" : warnings.front());
  }
  EXPECT_TRUE(Warnings(Lines(Group({row}))).empty());
}

TEST(Ags, LineEndsAndByteOrderMarksAreTold) {
  auto text = Lines(Group({R"("DATA","1.00","x")"}));
  text.replace(text.find("\r\n"), 2, "\n");
  EXPECT_EQ(Warnings(text), std::vector<std::string>{
                                "hole.ags, line 1: Rule 2a: the line does not end with CR LF."});
  auto more = text;
  more.replace(more.find("\r\n"), 2, "\r");
  EXPECT_EQ(Warnings(more),
            std::vector<std::string>{"hole.ags, line 1 (and 1 more): Rule 2a: the line "
                                     "does not end with CR LF."});
  EXPECT_EQ(Warnings(text.substr(0, text.size() - 2)), Warnings(text)) << "the last needs no end";
  EXPECT_EQ(Warnings("\xEF\xBB\xBF" + Lines(Group({R"("DATA","1.00","x")"}))),
            std::vector<std::string>{"hole.ags, line 1: Rule 1: there is a byte-order mark; it "
                                     "is no part of the first line."});
}

/// As spreadsheets write it: every row, and every blank line, is as wide as the widest.
TEST(Ags, PaddingIsLeftOut) {
  const std::string text =
      Lines({"GROUP,GEOL,,,", "HEADING,GEOL_TOP,GEOL_DESC,,", "UNIT,m,,,", "TYPE,2DP,X,,",
             "DATA,1.00,\"a, b\",,", ",,,,", "DATA,2.00,,,", ",,,,", "GROUP,LOCA,,,",
             "HEADING,LOCA_ID,LOCA_A,LOCA_B,LOCA_C", "UNIT,,,,", "TYPE,ID,X,X,X", "DATA,BH1,,,x"});
  const auto opened = Must(OpenText(text));
  const auto geol = TableOf(opened, "GEOL");
  EXPECT_EQ(geol->num_columns(), 2);
  EXPECT_EQ(Cells(*geol, "GEOL_TOP"), "1,2");
  EXPECT_EQ(Cells(*geol, "GEOL_DESC"), "a, b,null");
  EXPECT_EQ(Cells(*TableOf(opened, "LOCA"), "LOCA_C"), "x");
  const auto warnings = Warnings(text);
  EXPECT_EQ(
      std::count(warnings.begin(), warnings.end(),
                 "hole.ags, line 1 (and 8 more): Rule 4: there are empty fields at the end of "
                 "the row; they are left out."),
      1);
  EXPECT_TRUE(RoundTrip(text).starts_with(
      Lines({R"("GROUP","GEOL")", R"("HEADING","GEOL_TOP","GEOL_DESC")"})));
}

TEST(Ags, GroupsThatAreMissingAreTold) {
  auto lines = Group({R"("DATA","1.00","x")"});
  lines[3] = R"("TYPE","2DP","PA")";
  EXPECT_EQ(Must(OpenText(Lines(lines))).warnings,
            (std::vector<std::string>{
                "hole.ags: Rule 13: there is no group PROJ.",
                "hole.ags: Rule 14: there is no group TRAN.",
                "hole.ags: Rule 15: there is no group UNIT.",
                "hole.ags: Rule 16: there is no group ABBR, but there are headings of TYPE PA.",
                "hole.ags: Rule 17: there is no group TYPE."}));
  auto sound = Sound();
  const std::string row = "\"DATA\",\"121415\"";
  sound.insert(sound.find(row), "\"DATA\",\"1\",\"\"\r\n");
  EXPECT_EQ(Must(OpenText(sound)).warnings,
            std::vector<std::string>{"hole.ags: Rule 13: group PROJ has 2 rows instead of one."});
}

TEST(Ags, WarningsAreFew) {
  std::vector<std::string> lines{R"("GROUP","GEOL")", R"("HEADING")"};
  for (int i = 0; i < 1'000; ++i)
    lines[1] += ",\"bad " + std::to_string(i) + "\"";
  const auto warnings = Must(OpenText(Lines(lines))).warnings;
  EXPECT_EQ(warnings.size(), 101);
  EXPECT_NE(warnings.back().find("other faults"), std::string::npos) << warnings.back();
}

TEST(Ags, WhatCannotBeReadIsRefused) {
  struct Example {
    std::vector<std::string> lines;
    std::string rule, line, says;
  };
  const std::vector<std::string> head = Group({});
  const std::vector<Example> examples{
      {Group({R"("DATA","1.00","x","y")"}), "4", "5", "3 values, but group GEOL has 2 headings"},
      {Group({R"("DATA","1.00","x",,"y")"}), "4", "5", "4 values"},
      // A value too many before the last one, which is empty.
      {Group({R"("DATA","7","1.00","")"}), "4", "5", "3 values"},
      {Group({R"("DATA","1.00","x"y")"}), "5", "5", "text after a closing quote"},
      {Group({R"("DATA","1.00","x)", R"("DATA","2.00","y")"}), "5", "6", "quotes opened in line 5"},
      {Group({R"("DATA","1.00","x)"}), "5", "5", "never closed"},
      {Group({R"("DATUM","1.00","x")"}), "3", "5", "'DATUM'"},
      {Group({R"("","1.00","x")"}), "3", "5", "''"},
      {Group({R"("HEADING","A")"}), "2b", "5", "a second HEADING row"},
      {Group({R"("DATA","1.00","x")", R"("HEADING","A")"}), "2b", "6", "Is the GROUP row"},
      {Group({R"("DATA","1.00","x")", R"("UNIT","m","")"}), "2b", "6", "after DATA"},
      {{R"("DATA","1.00")"}, "2b", "1", "before any GROUP"},
      {{R"("HEADING","A")"}, "2b", "1", "before any GROUP"},
      {{R"("GROUP","GEOL")", R"("DATA","1")"}, "2b", "1", "no headings"},
      {{R"("GROUP","GEOL")", R"("HEADING")"}, "2b", "1", "no headings"},
      {{R"("GROUP","GEOL")"}, "2b", "1", "no headings"},
      {{R"("GROUP","GEOL","x")"}, "4", "1", "other fields"},
      {{R"("GROUP","GEOL",,"x")"}, "4", "1", "other fields"},
      {{R"("GROUP")"}, "19", "1", "can't be called ''"},
      {{R"("GROUP","..")"}, "19", "1", "can't be called '..'"},
      {{"\"GROUP\",\"a\x01\""}, "19", "1", "can't be called 'a?'"},
      {{R"("GROUP","A")", R"("HEADING","B","")", ""}, "19a", "2", "heading 2 of group A"},
      {{R"("GROUP","A")", R"("HEADING","B","B")", ""}, "7", "2", "'B' comes twice"},
      {{R"("GROUP","A")", R"("HEADING","B")", R"("UNIT","m","m")"}, "4", "3", "the UNIT row"},
      {{R"("GROUP","A")", R"("HEADING","B")", R"("TYPE","X","X")"}, "4", "3", "the TYPE row"},
      {{R"("**PROJ")", R"("*PROJ_ID")"}, "3", "1", "AGS 3"},
      {Group({R"("GROUP","GEOL")", R"("HEADING","GEOL_TOP")"}), "2", "5",
       "comes again with other headings"},
  };
  for (const auto& [lines, rule, line, says] : examples) {
    const Error error = MustFail(OpenText(Lines(lines)));
    EXPECT_EQ(error.kind, ErrorKind::kValidation);
    EXPECT_EQ(error.fields.at("rule"), rule) << error.message;
    EXPECT_EQ(error.fields.at("line"), line) << error.message;
    EXPECT_EQ(error.fields.at("file"), "hole.ags");
    EXPECT_NE(error.message.find(says), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("hole.ags, line " + line), std::string::npos) << error.message;
  }
}

TEST(Ags, BytesThatAreNoTextAreRefused) {
  for (const char* text : {"", "\r\n\r\n", "\xEF\xBB\xBF", " "}) {
    const Error error = MustFail(OpenText(text));
    EXPECT_EQ(error.kind, ErrorKind::kValidation);
    EXPECT_NE(error.message.find("no group"), std::string::npos) << error.message;
  }
  auto text = Lines(Group({R"("DATA","1.00","x")"}));
  const auto with = [&](const std::string& bytes) {
    auto changed = text;
    return changed.replace(changed.find("\"x\"") + 1, 1, bytes);
  };
  for (const std::string& bad : {std::string("\0", 1), std::string("\xC3\xA9\xE9")}) {
    const Error error = MustFail(OpenText(with(bad)));
    EXPECT_EQ(error.kind, ErrorKind::kValidation);
    EXPECT_EQ(error.fields.at("line"), "5") << error.message;
  }
  const auto latin = Must(OpenText(with("\xE9")));
  EXPECT_NE(latin.warnings.at(0).find("Latin-1"), std::string::npos) << "it is told";
  EXPECT_EQ(MustFail(OpenText("PK\x03\x04 what")).kind, ErrorKind::kValidation);
  EXPECT_NE(MustFail(OpenText("\xFF\xFE\"")).message.find("UTF-16"), std::string::npos);
}

TEST(Ags, AGroupThatComesAgainGoesOn) {
  auto lines = Group({R"("DATA","1.00","a")", ""});
  for (const auto& line : {R"("GROUP","LOCA")", R"("HEADING","LOCA_ID")", R"("DATA","BH1")"})
    lines.emplace_back(line);
  for (const auto& line : Group({R"("DATA","2.50","b")"}))
    lines.push_back(line);
  const auto opened = Must(OpenText(Lines(lines)));
  ASSERT_EQ(opened.tables.size(), 2);
  const auto geol = TableOf(opened, "GEOL");
  EXPECT_EQ(Cells(*geol, "GEOL_TOP"), "1,2.5");
  EXPECT_EQ(Cells(*geol, "GEOL_DESC"), "a,b");
  const auto warnings = Warnings(Lines(lines));
  EXPECT_TRUE(std::any_of(warnings.begin(), warnings.end(), [](const auto& text) {
    return text.find("line 10: Rule 2: group GEOL comes again") != std::string::npos;
  }));
}

TEST(Ags, ReadersAreReadInAnyOrder) {
  std::vector<std::string> lines;
  for (const std::string name : {"AAAA", "BBBB", "CCCC"}) {
    for (const std::string& line : {"\"GROUP\",\"" + name + "\"", "\"HEADING\",\"" + name + "_N\"",
                                    std::string(R"("UNIT","")"), std::string(R"("TYPE","0DP")")}) {
      lines.push_back(line);
    }
    for (int i = 0; i < 70'000; ++i)
      lines.push_back("\"DATA\",\"" + std::to_string(i) + "\"");
  }
  const auto opened = Must(OpenText(Lines(lines)));
  std::vector<int64_t> rows(3, 0), batches(3, 0);
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < 3; ++i) {
      const auto batch = opened.tables[2 - i].reader->Next().ValueOrDie();
      if (batch == nullptr) continue;
      more = true;
      ++batches[i];
      const auto& numbers = static_cast<const arrow::Int64Array&>(*batch->column(0));
      for (int64_t row = 0; row < numbers.length(); ++row)
        ASSERT_EQ(numbers.Value(row), rows[i]++);
    }
  }
  EXPECT_EQ(rows, (std::vector<int64_t>{70'000, 70'000, 70'000}));
  EXPECT_EQ(batches[0], 2);
}

TEST(Ags, LongFieldsAndManyHeadings) {
  std::string longest(10 << 20, 'x');
  for (size_t i = 0; i < longest.size(); i += 1'000)
    longest[i] = '"';
  std::string doubled;
  for (const char c : longest)
    doubled += c == '"' ? std::string("\"\"") : std::string(1, c);
  const auto table =
      TableOf(Must(OpenText(
                  Lines(Group({"\"DATA\",\"1.00\",\"" + doubled + "\"", R"("DATA","2.00","y")"})))),
              "GEOL");
  EXPECT_EQ(table->GetColumnByName("GEOL_DESC")->GetScalar(0).ValueOrDie()->ToString(), longest);
  EXPECT_EQ(table->num_rows(), 2);

  std::vector<std::string> lines{R"("GROUP","WIDE")", R"("HEADING")", R"("UNIT")", R"("TYPE")",
                                 R"("DATA")"};
  for (int i = 0; i < 20'000; ++i) {
    lines[1] += ",\"W" + std::to_string(i) + "\"";
    lines[2] += ",\"\"";
    lines[3] += ",\"1DP\"";
    lines[4] += ",\"" + std::to_string(i) + ".5\"";
  }
  const auto wide = TableOf(Must(OpenText(Lines(lines))), "WIDE");
  EXPECT_EQ(wide->num_columns(), 20'000);
  EXPECT_EQ(Cells(*wide, "W19999"), "19999.5");
  lines[1] += ",\"MORE\"";
  EXPECT_EQ(MustFail(OpenText(Lines(lines))).fields.at("limit"), "20001");
}

TEST(Ags, LimitsHold) {
  OpenFileOptions options;
  options.limits.entries = 4;
  EXPECT_EQ(MustFail(OpenText(Sound(), options)).fields.at("limit"), "4");
  options.limits.entries = 5;
  Must(OpenText(Sound(), options));
  options.limits.columns = 1;
  EXPECT_EQ(MustFail(OpenText(Sound(), options)).kind, ErrorKind::kValidation);
  std::vector<std::string> lines;
  for (int group = 0; group < 6; ++group) {
    lines.push_back("\"GROUP\",\"G" + std::to_string(group) + "\"");
    lines.emplace_back("\"HEADING\"");
    for (int i = 0; i < 19'000; ++i)
      lines.back() += ",H" + std::to_string(i);
  }
  EXPECT_EQ(MustFail(OpenText(Lines(lines))).fields.at("limit"), "100000");
}

TEST(Ags, ALineWithoutEndIsRefused) {
  const std::string text = Lines(Group({})) + "\"DATA\",\"1.00\",\"" + std::string(70 << 20, 'x');
  const Error error = MustFail(OpenText(text));
  EXPECT_EQ(error.fields.at("line"), "5");
  EXPECT_NE(error.message.find("64 MiB"), std::string::npos) << error.message;
}

TEST(Ags, CanBeStopped) {
  std::stop_source stop;
  OpenFileOptions options;
  options.stop = stop.get_token();
  const auto opened = Must(OpenText(Sound(), options));
  stop.request_stop();
  EXPECT_EQ(MustFail(OpenText(Sound(), options)).kind, ErrorKind::kCancelled);
  const auto read = opened.tables[0].reader->Next();
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(ErrorOf(read.status()).kind, ErrorKind::kCancelled);
}

TEST(Ags, AFileThatChangesIsAConflict) {
  TempFolder folder;
  const std::string path = folder.path() + "/hole.ags";
  std::ofstream(path, std::ios::binary) << Sound();
  const auto opened = Must(OpenFile({path}));
  auto other = Sound();
  other.replace(other.find("1.50"), 4, "x.50");
  std::ofstream(path, std::ios::binary) << other << " ";
  const auto read = opened.tables[4].reader->Next();
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(ErrorOf(read.status()).kind, ErrorKind::kConflict);
}

TEST(Ags, LikeAnEarlierVersion) {
  const auto read = [](const OpenFileOptions& options) {
    return TableOf(Must(OpenText(Sound(), options)), "GEOL")
        ->schema()
        ->GetFieldByName("GEOL_TOP")
        ->type();
  };
  OpenFileOptions options;
  options.like["GEOL"] = arrow::schema({arrow::field("GEOL_TOP", arrow::utf8())});
  EXPECT_TRUE(read(options)->Equals(arrow::utf8()));
  options.like = {{"LOCA", options.like["GEOL"]}};
  EXPECT_TRUE(read(options)->Equals(arrow::float64()));
  options.like = {{"data", options.like["LOCA"]->WithMetadata(
                               arrow::key_value_metadata({"ags_group"}, {"GEOL"}))}};
  EXPECT_TRUE(read(options)->Equals(arrow::utf8()));
}

TEST(Ags, TypesCannotBeGiven) {
  OpenFileOptions options;
  options.types["GEOL_TOP"] = arrow::utf8();
  EXPECT_EQ(MustFail(OpenText(Sound(), options)).kind, ErrorKind::kInvalidArgument);
}

TEST(Ags, AnyBytesAreReadOrRefused) {
  std::mt19937_64 random(815);
  const std::string sound = Sound();
  const std::string alphabet = "\",\r\n *0.DATGROUP";
  int read = 0;
  for (int i = 0; i < 3'000; ++i) {
    std::string text = sound;
    for (uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
      const size_t place = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[place] = static_cast<char>(random() % 4 == 0 ? random()
                                                            : alphabet[random() % alphabet.size()]);
          break;
        case 1:
          text.erase(place, random() % 30);
          break;
        default:
          text.insert(place, 1, alphabet[random() % alphabet.size()]);
      }
    }
    const auto opened = OpenText(text);
    if (!opened) {
      EXPECT_EQ(opened.error().kind, ErrorKind::kValidation) << opened.error().message;
      continue;
    }
    ++read;
    // What was read is written, and reads as the same.
    const std::string written = WrittenAgain(opened->tables);
    EXPECT_EQ(RoundTrip(written), written) << text;
  }
  EXPECT_GT(read, 300);
}

}  // namespace
}  // namespace coreshed

#include "sources/zip.h"

#include <arrow/api.h>
#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>
#include <coreshed/sources.h>
#include <coreshed/validation.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "sources/folder.h"
#include "sources/zip_directory.h"
#include "sources/zip_format.h"
#include "sources/zip_writer.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::sources {
namespace {

using Strings = std::vector<std::string>;

std::string Compress(const std::string& text, arrow::util::Codec& codec) {
  const auto size = static_cast<int64_t>(text.size());
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  std::string packed(static_cast<size_t>(codec.MaxCompressedLen(size, bytes)), '\0');
  const auto room = static_cast<int64_t>(packed.size());
  auto* to = reinterpret_cast<uint8_t*>(packed.data());
  packed.resize(static_cast<size_t>(codec.Compress(size, bytes, room, to).ValueOrDie()));
  return packed;
}
std::string Packed(const std::string& text, uint16_t method) {
  if (method == zip::kZstd) {
    return Compress(text, *arrow::util::Codec::Create(arrow::Compression::ZSTD).ValueOrDie());
  }
  if (method != zip::kDeflated) return text;
  arrow::util::GZipCodecOptions options;
  options.gzip_format = arrow::util::GZipFormat::DEFLATE;
  return Compress(text,
                  *arrow::util::Codec::Create(arrow::Compression::GZIP, options).ValueOrDie());
}

/// A member, and how it departs from what it should be.
struct M {
  std::string name, text;
  uint16_t method = 0, flags = 0;
  uint32_t attributes = 0;
  std::string local_name = "", extra = "", after = "";
  uint32_t crc_change = 0, size_change = 0, local_crc_change = 0;
  bool descriptor = false;
  bool in_directory = true;
};

std::string Le(uint64_t number, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i)
    bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  return bytes;
}

/// A second writer of ZIP files, which can also write bad ones.
class Zipper {
 public:
  std::string Make(const std::vector<M>& members, const std::string& comment = "") {
    for (const auto& member : members)
      Add(member);
    const auto at = bytes_.size();
    bytes_ += directory_;
    return bytes_ + "PK\5\6" + Le(0, 4) + Le(count_, 2) + Le(count_, 2) + Le(directory_.size(), 4) +
           Le(at, 4) + Le(comment.size(), 2) + comment;
  }

 private:
  void Add(const M& m) {
    const std::string packed = Packed(m.text, m.method);
    const uint32_t crc = arrow::internal::crc32(0, m.text.data(), m.text.size()) + m.crc_change;
    const std::string& local = m.local_name.empty() ? m.name : m.local_name;
    const auto flags = static_cast<uint16_t>(m.flags | (m.descriptor ? 8 : 0));
    const std::string numbers =
        Le(crc, 4) + Le(packed.size(), 4) + Le(m.text.size() + m.size_change, 4);
    const std::string in_local =
        m.descriptor ? std::string(12, '\0') : Le(crc + m.local_crc_change, 4) + numbers.substr(4);
    const auto head = [&](const std::string& sizes, const std::string& name) {
      return Le(20, 2) + Le(flags, 2) + Le(m.method, 2) + Le(0x12345678, 4) + sizes +
             Le(name.size(), 2) + Le(m.extra.size(), 2);
    };
    const auto at = bytes_.size();
    bytes_ += "PK\3\4" + head(in_local, local) + local + m.extra + packed;
    if (m.descriptor) bytes_ += "PK\7\10" + numbers;
    bytes_ += m.after;
    if (!m.in_directory) return;
    directory_ += "PK\1\2" + Le(0x0314, 2) + head(numbers, m.name) + Le(0, 6) +
                  Le(m.attributes, 4) + Le(at, 4) + m.name + m.extra;
    ++count_;
  }

  std::string bytes_, directory_;
  uint16_t count_ = 0;
};

std::string Zip(const std::vector<M>& members, const std::string& comment = "") {
  return Zipper().Make(members, comment);
}

constexpr uint32_t kModeLink = 0xA1FFU << 16, kModePipe = 0x11A4U << 16, kModeFile = 0x81A4U << 16,
                   kModeFolder = 0x41EDU << 16;

class ZipFiles : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return folder_.path() + "/" + name; }
  std::string Write(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }
  /// Each table as "name: columns × rows", read to its end.
  Result<Strings> Read(const std::string& path, const OpenFileOptions& options = {}) {
    auto opened = OpenFile({path}, options);
    if (!opened) return opened.error();
    warnings_ = opened->warnings;
    source_ = opened->source;
    Strings tables;
    for (const auto& table : opened->tables) {
      auto rows = table.reader->ToTable();
      if (!rows.ok()) return FromArrow(rows.status(), "reading");
      tables.push_back(table.name + ": " + std::to_string((*rows)->num_columns()) + " × " +
                       std::to_string((*rows)->num_rows()));
    }
    return tables;
  }
  Strings Tables(const std::vector<M>& members) {
    return Must(Read(Write("set.zip", Zip(members))));
  }
  std::string Fails(const std::string& bytes, const OpenFileOptions& options = {}) {
    const Error error = MustFail(Read(Write("set.zip", bytes), options));
    EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
    EXPECT_EQ(error.fields.count("file"), 1U) << error.message;
    EXPECT_NE(error.message.find("set.zip"), std::string::npos) << error.message;
    return error.message;
  }
  void ExpectFails(const std::vector<M>& members, const Strings& parts) {
    const std::string message = Fails(Zip(members));
    for (const auto& part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' in " << message;
    }
  }

  TempFolder folder_;
  Strings warnings_;
  Source source_;
};

const std::string kText = "a,b\n1,2\n";

TEST_F(ZipFiles, EachMemberIsATable) {
  const std::string bytes =
      Zip({{"b.csv", kText, 0},
           {"in/deep/a.tsv", "x\ty\tz\n1\t2\t3\n", 8, 0, kModeFile},
           {"c.v2.CSV", kText, 93},
           {"d.csv.gz",
            Compress(kText, *arrow::util::Codec::Create(arrow::Compression::GZIP).ValueOrDie())}});
  EXPECT_EQ(Must(Read(Write("set.zip", bytes))),
            (Strings{"b: 2 × 1", "a: 3 × 1", "c.v2: 2 × 1", "d: 2 × 1"}));
  EXPECT_EQ(source_.sha256, Sha256Hex(bytes));
  EXPECT_EQ(source_.file_name, "set.zip");
  EXPECT_EQ(warnings_, Strings{});
}

TEST_F(ZipFiles, DescriptorsAfterMembersAndComments) {
  EXPECT_EQ(Tables({{.name = "a.csv", .text = kText, .method = 8, .descriptor = true},
                    {.name = "b.csv", .text = kText, .descriptor = true}}),
            (Strings{"a: 2 × 1", "b: 2 × 1"}));
  EXPECT_EQ(Must(Read(Write("c.zip", Zip({{"a.csv", kText}}, "made by hand")))),
            Strings{"a: 2 × 1"});
}

TEST_F(ZipFiles, LitterIsIgnored) {
  EXPECT_EQ(Tables({{"__MACOSX/._a.csv", "?"},
                    {"in/", "", 0, 0, kModeFolder},
                    {"in/a.csv", kText},
                    {"in/._a.csv", "?"},
                    {".DS_Store", "?"},
                    {"in/.hidden/b.csv", "?"},
                    {".link.csv", "/etc/passwd", 0, 0, kModeLink},
                    {"Thumbs.db", "?"},
                    {"in/desktop.ini", "?"},
                    {"./b.csv", kText}}),
            (Strings{"a: 2 × 1", "b: 2 × 1"}));
  EXPECT_EQ(warnings_, Strings{});
}

TEST_F(ZipFiles, OtherFilesArePassedOverWithAWarning) {
  EXPECT_EQ(Tables({{"README.txt", "read me"}, {"a.csv", kText}, {"doc/report.pdf", "%PDF"}}),
            Strings{"a: 2 × 1"});
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("'README.txt', 'doc/report.pdf'"), std::string::npos) << warnings_[0];
  ExpectFails({{"README.txt", "read me"}}, {"none of its files"});
  ExpectFails({{".DS_Store", "?"}}, {"no file in it"});
  ExpectFails({}, {"no file in it"});
}

TEST_F(ZipFiles, NamesOfMembers) {
  EXPECT_EQ(Tables({{"m\xC3\xA5l.csv", kText, 0, zip::kUtf8}, {"m\xCC\x8Al.csv", kText}})[0],
            "m\xC3\xA5l: 2 × 1");
  EXPECT_EQ(warnings_, Strings{});
  EXPECT_EQ(Tables({{"A\xCC\x8A.csv", kText}}), Strings{"\xC3\x85: 2 × 1"}) << "in form NFC";
  EXPECT_EQ(Tables({{"m\x86l \x9B.csv", kText}}), Strings{"m\xC3\xA5l \xC2\xA2: 2 × 1"});
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("code page 437"), std::string::npos) << warnings_[0];
  ExpectFails({{"m\x86l.csv", kText, 0, zip::kUtf8}}, {"not UTF-8"});
  EXPECT_EQ(Tables({{"x\\a\x1B[1m\xC2\x9B:b.csv", kText}}), Strings{"a_[1m__b: 2 × 1"});
  std::string long_name(1001, 'a');
  long_name += ".csv";
  ExpectFails({{long_name, kText}}, {"longer than 1000 bytes"});
  // Info-ZIP's field for names, which counts only for the name that it was made for.
  const auto field = [](const std::string& raw) {
    const std::string utf8 = "\xC3\xA5.csv";
    return Le(0x7075, 2) + Le(5 + utf8.size(), 2) + "\1" +
           Le(arrow::internal::crc32(0, raw.data(), raw.size()), 4) + utf8;
  };
  EXPECT_EQ(Tables({{.name = "_.csv", .text = kText, .extra = field("_.csv")}}),
            Strings{"\xC3\xA5: 2 × 1"});
  EXPECT_EQ(Tables({{.name = "x.csv", .text = kText, .extra = field("_.csv")}}),
            Strings{"x: 2 × 1"});
}

TEST_F(ZipFiles, BadMembersAreNamed) {
  const M good{"good.csv", kText};
  ExpectFails({good, {"in/good.csv", kText}}, {"'in/good.csv'", "'good.csv'", "table 'good'"});
  ExpectFails({good, {"good.tsv", "a\n1\n"}}, {"'good.tsv'", "table 'good'"});
  for (const char* path : {"../x.csv", "a/../../x.csv", "..\\x.csv", "a/..", "../.hidden"}) {
    ExpectFails({good, {path, kText}}, {path, "climbs"});
  }
  ExpectFails({good, {"/etc/x.csv", kText}}, {"'/etc/x.csv'", "root of a disk"});
  ExpectFails({good, {"\\\\server\\x.csv", kText}}, {"root of a disk"});
  ExpectFails({good, {"C:\\x.csv", kText}}, {"'C:\\x.csv'", "names a drive"});
  ExpectFails({good, {"c:x.csv", kText}}, {"names a drive"});
  ExpectFails({good, {"l.csv", "/etc/passwd", 0, 0, kModeLink}}, {"'l.csv'", "is a link"});
  ExpectFails({good, {"l.csv", "", 0, 0, 0x400}}, {"'l.csv'", "is a link"});
  ExpectFails({good, {"p.csv", "", 0, 0, kModePipe}}, {"'p.csv'", "is a device or a pipe"});
  ExpectFails({good, {"e.csv", kText, 0, zip::kEncrypted}}, {"'e.csv'", "is encrypted"});
  ExpectFails({good, {"f/", kText}}, {"'f/'", "is a folder, but has bytes"});
  for (const char* path : {"in.zip", "x/in.ZIP", "a.tar.gz", "a.tgz", "a.7z", "a.parquet.gz"}) {
    ExpectFails({good, {path, kText}}, {path, "is an archive itself"});
  }
  ExpectFails({good, {"m.csv", kText, 12}}, {"m.csv", "method 12", "deflate"});
  ExpectFails({good, {"bad.csv", "a,b\n1,2,3\n"}}, {"bad.csv", "line 2"});
  ExpectFails({good, {"bad.csv", "a,b\n\"1\n"}}, {"bad.csv", "line 2"});
  ExpectFails({good, {"bad.parquet", "PAR1?"}}, {"bad.parquet"});
  const Error nameless = MustFail(Read(Write("set.zip", Zip({good, {"in/  .csv", kText}}))));
  EXPECT_NE(nameless.message.find("set.zip: in/  .csv has no ending"), std::string::npos)
      << nameless.message;
}

TEST_F(ZipFiles, DamageIsRefused) {
  const M good{"good.csv", kText};
  for (const uint16_t method : {zip::kStored, zip::kDeflated, zip::kZstd}) {
    ExpectFails({good, {.name = "d.csv", .text = kText, .method = method, .crc_change = 1}},
                {"d.csv is damaged", "CRC-32"});
    ExpectFails({good, {.name = "d.csv", .text = kText, .method = method, .size_change = 1}},
                {"d.csv is damaged", "shorter"});
    ExpectFails({good, {.name = "d.csv", .text = kText, .method = method, .size_change = ~0U}},
                {"d.csv is damaged", "longer"});
  }
  const std::string bytes =
      Zip({{"a.csv", kText, 8}, {.name = "b.csv", .text = kText, .method = 8, .descriptor = true}});
  ASSERT_TRUE(Read(Write("set.zip", bytes)).has_value());
  for (size_t size = 0; size < bytes.size(); ++size)
    Fails(bytes.substr(0, size));
  for (const char* after : {"x", "PK\5\6"})
    Fails(bytes + after);
  Fails("x" + bytes);
  Fails("");
  Fails("a,b\n1,2\n");
}

/// What is changed is refused, or does not matter; times do not.
TEST_F(ZipFiles, AnyByteMayBeWrong) {
  const std::string line = "{\"a\": 1}\n";
  const std::string bytes = Zip(
      {{"a.jsonl", line, 8}, {.name = "b.jsonl", .text = line, .method = 8, .descriptor = true}},
      "comment");
  const auto tables = Must(Read(Write("set.zip", bytes)));
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::string bad = bytes;
      bad[at] = static_cast<char>(bad[at] ^ change);
      if (const auto read = Read(Write("set.zip", bad)); read) {
        EXPECT_EQ(read->size(), tables.size()) << at;
        EXPECT_EQ((*read)[0].substr(1), tables[0].substr(1)) << at;
      }
    }
  }
}

TEST_F(ZipFiles, WhatSaysTwoThingsIsRefused) {
  const M good{"good.csv", kText};
  ExpectFails({good, {.name = "a.csv", .text = kText, .local_name = "b.csv"}},
              {"'a.csv'", "is called 'b.csv'"});
  ExpectFails({good, {.name = "a.csv", .text = kText, .local_crc_change = 1}},
              {"'a.csv'", "do not agree"});
  ExpectFails({good, {.name = "a.csv", .text = kText, .in_directory = false}},
              {"'good.csv'", "bytes after it that belong to none"});
  ExpectFails({{.name = "a.csv", .text = kText, .in_directory = false}, good}, {"begins with"});
  ExpectFails({{.name = "a.csv", .text = kText, .after = "hidden"}, good},
              {"bytes after it that belong to none"});
  ExpectFails({{.name = "a.csv", .text = kText, .after = "hidden", .descriptor = true}, good},
              {"bytes after it that belong to none"});
  // Two members that are the same bytes.
  std::string twice = Zip({good});
  const auto directory = twice.find("PK\1\2"), end = twice.find("PK\5\6");
  const std::string entry = twice.substr(directory, end - directory);
  std::string other = entry;
  twice = twice.substr(0, directory) + entry + entry + "PK\5\6" + Le(0, 4) + Le(2, 2) + Le(2, 2) +
          Le(2 * entry.size(), 4) + Le(directory, 4) + Le(0, 2);
  EXPECT_NE(Fails(twice).find("overlaps the next"), std::string::npos);
  // An archive whose comment is the end of another one.
  const std::string inner = Zip({});
  EXPECT_NE(Fails(Zip({good}, inner)).find("two ends"), std::string::npos);
  std::string miscounted = Zip({good});
  miscounted[miscounted.size() - 12] = miscounted[miscounted.size() - 14] = 2;
  EXPECT_NE(Fails(miscounted).find("says that it has 2 members"), std::string::npos);
}

TEST_F(ZipFiles, Limits) {
  const M good{"good.csv", kText}, other{"other.csv", kText};
  OpenFileOptions options;
  options.limits.entries = 2;
  EXPECT_TRUE(Read(Write("set.zip", Zip({good, other, {".x", ""}})), options).has_value());
  EXPECT_NE(Fails(Zip({good, other, {"third.txt", ""}}), options).find("more than 2 files"),
            std::string::npos);
  std::vector<M> folders{good};
  for (int i = 0; i < 20; ++i)
    folders.push_back({"f" + std::to_string(i) + "/", ""});
  EXPECT_NE(Fails(Zip(folders), options).find("more than 20 entries"), std::string::npos);
  options = {};
  options.limits.unpacked_bytes = 15;
  EXPECT_NE(Fails(Zip({good, other}), options).find("more than 15 bytes"), std::string::npos);
  options.limits.unpacked_bytes = 16;
  EXPECT_TRUE(Read(Write("set.zip", Zip({good, other})), options).has_value());
  std::string large = "a\n";
  for (int i = 0; i < 40; ++i)
    large.append(1 << 20, 'x').append("\n");
  EXPECT_NE(Fails(Zip({{"a.csv", large, 8}, {"b.csv", large, 8}})).find("more than 250 times"),
            std::string::npos);
  std::stop_source stop;
  options = {};
  options.stop = stop.get_token();
  stop.request_stop();
  EXPECT_EQ(MustFail(Read(Write("set.zip", Zip({good})), options)).kind, ErrorKind::kCancelled);
}

TEST_F(ZipFiles, TypesOfASchemaGoByTable) {
  SchemaDefinition keeps;
  keeps.tables = {{"a", "", {{"x", "string"}}}, {"b", "", {{"x", "float64"}, {"y", "int8"}}}};
  OpenFileOptions options;
  const auto types = [&](const std::string& name) {
    options.schema = std::make_shared<const SchemaDefinition>(keeps);
    const auto opened = Must(
        OpenFile({Write(name, Zip({{"a.csv", "x,y\n01,1\n"}, {"b.csv", "x,y\n1,2\n"}}))}, options));
    std::string told;
    for (const auto& table : opened.tables) {
      for (const auto& field : table.reader->schema()->fields())
        told += field->type()->ToString() + " ";
    }
    return told;
  };
  EXPECT_EQ(types("set.zip"), "string int64 double int8 ");
  options.types = {{"x", arrow::utf8()}};
  EXPECT_EQ(types("set.zip"), "string int64 string int8 ");
  options.types = {};
  keeps.tables.pop_back();  // an only one, but not of two
  EXPECT_EQ(types("set.zip"), "string int64 int64 int64 ");
  keeps.tables.front().name = "";
  EXPECT_EQ(types("set.zip"), "string int64 int64 int64 ");
}

TEST_F(ZipFiles, TypesOfAnEarlierVersionGoByTable) {
  const std::string path = Write("set.zip", Zip({{"a.csv", "x\n1\n"}, {"b.csv", "x\n1\n"}}));
  OpenFileOptions options;
  options.like = {{"b", arrow::schema({arrow::field("x", arrow::float64())})}};
  auto opened = Must(OpenFile({path}, options));
  EXPECT_EQ(opened.tables[0].reader->schema()->field(0)->type()->id(), arrow::Type::INT64);
  EXPECT_EQ(opened.tables[1].reader->schema()->field(0)->type()->id(), arrow::Type::DOUBLE);
  options.like = {{"set", arrow::schema({arrow::field("x", arrow::float64())})}};
  opened = Must(OpenFile({path}, options));
  EXPECT_EQ(opened.tables[0].reader->schema()->field(0)->type()->id(), arrow::Type::INT64);
  opened = Must(OpenFile({Write("one.zip", Zip({{"a.csv", "x\n1\n"}}))}, options));
  EXPECT_EQ(opened.tables[0].reader->schema()->field(0)->type()->id(), arrow::Type::DOUBLE);
  options = {};
  options.types = {{"x", arrow::utf8()}};
  opened = Must(OpenFile({path}, options));
  EXPECT_EQ(opened.tables[1].reader->schema()->field(0)->type()->id(), arrow::Type::STRING);
}

/// More members than there are descriptors, and more bytes than are kept in memory.
TEST_F(ZipFiles, ManyMembersAndLargeOnes) {
  std::vector<M> members;
  for (int i = 0; i < 300; ++i)
    members.push_back({"t" + std::to_string(i) + ".jsonl", "{\"a\": 1}\n", 8});
  std::string large = "a,b\n";
  while (large.size() < (size_t{6} << 20))
    large += std::to_string(large.size()) + "," + std::string(200, 'x') + "\n";
  const auto rows = std::count(large.begin(), large.end(), '\n') - 1;
  for (int i = 0; i < 20; ++i)
    members.push_back({"large" + std::to_string(i) + ".csv", large});
  auto opened = Must(OpenFile({Write("set.zip", Zip(members))}));
  ASSERT_EQ(opened.tables.size(), 320U);
  const auto descriptors = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  EXPECT_LT(descriptors, 100);
  for (const auto& table : opened.tables) {
    const auto read = table.reader->ToTable().ValueOrDie();
    EXPECT_EQ(read->num_rows(), table.name.starts_with("large") ? rows : 1) << table.name;
    std::shared_ptr<arrow::RecordBatch> none;
    EXPECT_TRUE(table.reader->ReadNext(&none).ok());
    EXPECT_EQ(none, nullptr);
  }
}

/// From other programs: Info-ZIP's zip 3.0, deflated, with times and owners in extra fields; and
/// Python's zipfile writing to a pipe, so with descriptors.
TEST_F(ZipFiles, OfOtherPrograms) {
  const std::string info_zip = std::string(
      "\x50\x4B\x03\x04\x14\x00\x00\x00\x08\x00\x50\xBB\x7B\x5D\x77\xFA\xCC\x66\x0A\x00\x00\x00"
      "\x18\x00\x00\x00\x05\x00\x1C\x00\x61\x2E\x63\x73\x76\x55\x54\x09\x00\x03\xA7\x11\x0A\x6B"
      "\xA7\x11\x0A\x6B\x75\x78\x0B\x00\x01\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00\x4B\xD4\x49"
      "\xE2\x32\xD4\x31\xC2\xC0\x00\x50\x4B\x03\x04\x0A\x00\x00\x00\x00\x00\x50\xBB\x7B\x5D\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x1C\x00\x69\x6E\x2F\x55\x54\x09\x00"
      "\x03\xA7\x11\x0A\x6B\xA7\x11\x0A\x6B\x75\x78\x0B\x00\x01\x04\x00\x00\x00\x00\x04\x00\x00"
      "\x00\x00\x50\x4B\x03\x04\x0A\x00\x00\x00\x00\x00\x50\xBB\x7B\x5D\x15\x3C\xD0\xA4\x04\x00"
      "\x00\x00\x04\x00\x00\x00\x08\x00\x1C\x00\x69\x6E\x2F\x62\x2E\x63\x73\x76\x55\x54\x09\x00"
      "\x03\xA7\x11\x0A\x6B\xA7\x11\x0A\x6B\x75\x78\x0B\x00\x01\x04\x00\x00\x00\x00\x04\x00\x00"
      "\x00\x00\x78\x0A\x31\x0A\x50\x4B\x01\x02\x1E\x03\x14\x00\x00\x00\x08\x00\x50\xBB\x7B\x5D"
      "\x77\xFA\xCC\x66\x0A\x00\x00\x00\x18\x00\x00\x00\x05\x00\x18\x00\x00\x00\x00\x00\x01\x00"
      "\x00\x00\xA4\x81\x00\x00\x00\x00\x61\x2E\x63\x73\x76\x55\x54\x05\x00\x03\xA7\x11\x0A\x6B"
      "\x75\x78\x0B\x00\x01\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00\x50\x4B\x01\x02\x1E\x03\x0A"
      "\x00\x00\x00\x00\x00\x50\xBB\x7B\x5D\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03"
      "\x00\x18\x00\x00\x00\x00\x00\x00\x00\x10\x00\xED\x41\x49\x00\x00\x00\x69\x6E\x2F\x55\x54"
      "\x05\x00\x03\xA7\x11\x0A\x6B\x75\x78\x0B\x00\x01\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00"
      "\x50\x4B\x01\x02\x1E\x03\x0A\x00\x00\x00\x00\x00\x50\xBB\x7B\x5D\x15\x3C\xD0\xA4\x04\x00"
      "\x00\x00\x04\x00\x00\x00\x08\x00\x18\x00\x00\x00\x00\x00\x01\x00\x00\x00\xA4\x81\x86\x00"
      "\x00\x00\x69\x6E\x2F\x62\x2E\x63\x73\x76\x55\x54\x05\x00\x03\xA7\x11\x0A\x6B\x75\x78\x0B"
      "\x00\x01\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00\x50\x4B\x05\x06\x00\x00\x00\x00\x03\x00"
      "\x03\x00\xE2\x00\x00\x00\xCC\x00\x00\x00\x00\x00",
      452);
  EXPECT_EQ(Must(Read(Write("i.zip", info_zip))), (Strings{"a: 2 × 5", "b: 1 × 1"}));
  const std::string to_pipe = std::string(
      "\x50\x4B\x03\x04\x14\x00\x08\x08\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x06\x00\x00\x00\xC3\xA5\x2E\x63\x73\x76\x78\x0A\x31\x0A\x50\x4B\x07\x08"
      "\x15\x3C\xD0\xA4\x04\x00\x00\x00\x04\x00\x00\x00\x50\x4B\x03\x04\x14\x00\x08\x00\x08\x00"
      "\x4F\xBB\x7B\x5D\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x62\x2E"
      "\x63\x73\x76\xAB\xE0\x32\x84\x43\x00\x50\x4B\x07\x08\xC3\x3E\x2A\xA2\x06\x00\x00\x00\x0C"
      "\x00\x00\x00\x50\x4B\x01\x02\x14\x03\x14\x00\x08\x08\x00\x00\x00\x00\x21\x00\x15\x3C\xD0"
      "\xA4\x04\x00\x00\x00\x04\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80"
      "\x01\x00\x00\x00\x00\xC3\xA5\x2E\x63\x73\x76\x50\x4B\x01\x02\x14\x03\x14\x00\x08\x00\x08"
      "\x00\x4F\xBB\x7B\x5D\xC3\x3E\x2A\xA2\x06\x00\x00\x00\x0C\x00\x00\x00\x05\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x80\x01\x38\x00\x00\x00\x62\x2E\x63\x73\x76\x50\x4B\x05\x06"
      "\x00\x00\x00\x00\x02\x00\x02\x00\x67\x00\x00\x00\x71\x00\x00\x00\x00\x00",
      238);
  EXPECT_EQ(Must(Read(Write("p.zip", to_pipe))), (Strings{"\xC3\xA5: 1 × 1", "b: 1 × 5"}));
}

/// ZIP64 at every place: of Python's zipfile with its own bounds set to almost nothing, to a file
/// and to a pipe.
TEST_F(ZipFiles, WithNumbersOf64Bits) {
  const std::string to_file = std::string(
      "\x50\x4B\x03\x04\x2D\x00\x00\x00\x00\x00\x00\x00\x21\x00\x20\xCA\xAF\x5B\xFF\xFF\xFF\xFF"
      "\xFF\xFF\xFF\xFF\x05\x00\x14\x00\x61\x2E\x63\x73\x76\x01\x00\x10\x00\x2A\x00\x00\x00\x00"
      "\x00\x00\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x78\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31"
      "\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31"
      "\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x50\x4B\x03\x04\x2D\x00\x00\x00\x00\x00\x00\x00\x21"
      "\x00\x20\xCA\xAF\x5B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\x00\x14\x00\x62\x2E\x63\x73\x76"
      "\x01\x00\x10\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x78\x0A"
      "\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A"
      "\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x50\x4B\x01\x02"
      "\x2D\x03\x2D\x00\x00\x00\x00\x00\x00\x00\x21\x00\x20\xCA\xAF\x5B\xFF\xFF\xFF\xFF\xFF\xFF"
      "\xFF\xFF\x05\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x61\x2E"
      "\x63\x73\x76\x01\x00\x10\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x2A\x00\x00\x00\x00\x00\x00"
      "\x00\x50\x4B\x01\x02\x2D\x03\x2D\x00\x00\x00\x00\x00\x00\x00\x21\x00\x20\xCA\xAF\x5B\xFF"
      "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\x00\x1C\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\xFF"
      "\xFF\xFF\xFF\x62\x2E\x63\x73\x76\x01\x00\x18\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x2A\x00"
      "\x00\x00\x00\x00\x00\x00\x61\x00\x00\x00\x00\x00\x00\x00\x50\x4B\x06\x06\x2C\x00\x00\x00"
      "\x00\x00\x00\x00\x2D\x00\x2D\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00"
      "\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x96\x00\x00\x00\x00\x00\x00\x00\xC2\x00\x00\x00"
      "\x00\x00\x00\x00\x50\x4B\x06\x07\x00\x00\x00\x00\x58\x01\x00\x00\x00\x00\x00\x00\x01\x00"
      "\x00\x00\x50\x4B\x05\x06\x00\x00\x00\x00\x02\x00\x02\x00\x96\x00\x00\x00\xC2\x00\x00\x00"
      "\x00\x00",
      442);
  EXPECT_EQ(Must(Read(Write("f.zip", to_file))), (Strings{"a: 1 × 20", "b: 1 × 20"}));
  const std::string to_pipe = std::string(
      "\x50\x4B\x03\x04\x2D\x00\x08\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\xFF\xFF\xFF\xFF"
      "\xFF\xFF\xFF\xFF\x05\x00\x14\x00\x61\x2E\x63\x73\x76\x01\x00\x10\x00\x00\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x78\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31"
      "\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31"
      "\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x50\x4B\x07\x08\x20\xCA\xAF\x5B\x2A\x00\x00\x00\x00"
      "\x00\x00\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x50\x4B\x03\x04\x2D\x00\x08\x00\x00\x00\x00"
      "\x00\x21\x00\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\x00\x14\x00\x62\x2E\x63"
      "\x73\x76\x01\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x78\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A"
      "\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x31\x0A\x50\x4B"
      "\x07\x08\x20\xCA\xAF\x5B\x2A\x00\x00\x00\x00\x00\x00\x00\x2A\x00\x00\x00\x00\x00\x00\x00"
      "\x50\x4B\x01\x02\x2D\x03\x2D\x00\x08\x00\x00\x00\x00\x00\x21\x00\x20\xCA\xAF\x5B\xFF\xFF"
      "\xFF\xFF\xFF\xFF\xFF\xFF\x05\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00"
      "\x00\x00\x61\x2E\x63\x73\x76\x01\x00\x10\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x2A\x00\x00"
      "\x00\x00\x00\x00\x00\x50\x4B\x01\x02\x2D\x03\x2D\x00\x08\x00\x00\x00\x00\x00\x21\x00\x20"
      "\xCA\xAF\x5B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\x00\x1C\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x00\x80\x01\xFF\xFF\xFF\xFF\x62\x2E\x63\x73\x76\x01\x00\x18\x00\x2A\x00\x00\x00\x00\x00"
      "\x00\x00\x2A\x00\x00\x00\x00\x00\x00\x00\x79\x00\x00\x00\x00\x00\x00\x00\x50\x4B\x06\x06"
      "\x2C\x00\x00\x00\x00\x00\x00\x00\x2D\x00\x2D\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00"
      "\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x96\x00\x00\x00\x00\x00\x00\x00"
      "\xF2\x00\x00\x00\x00\x00\x00\x00\x50\x4B\x06\x07\x00\x00\x00\x00\x88\x01\x00\x00\x00\x00"
      "\x00\x00\x01\x00\x00\x00\x50\x4B\x05\x06\x00\x00\x00\x00\x02\x00\x02\x00\x96\x00\x00\x00"
      "\xF2\x00\x00\x00\x00\x00",
      490);
  EXPECT_EQ(Must(Read(Write("p.zip", to_pipe))), (Strings{"a: 1 × 20", "b: 1 × 20"}));
  for (const auto& bytes : {to_file, to_pipe}) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string bad = bytes;
      bad[at] = static_cast<char>(bad[at] ^ 0xFF);
      const auto input = Must(InputFile::Open(Write("bad.zip", bad)));
      if (const auto entries = ReadZipDirectory(*input, 10, {}); entries) {
        EXPECT_EQ(entries->size(), 2U);
      }
    }
  }
}

/// Of a file of 5 GiB that takes no room on the disk.
TEST_F(ZipFiles, WrittenWithNumbersOf64Bits) {
  std::ofstream file(Path("large.zip"), std::ios::binary);
  ZipWriter writer([&](std::string_view bytes) -> Result<void> {
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return {};
  });
  const ZipWriter::Member large{"a.csv", 7, int64_t{5} << 30}, small{"b.csv", 8, 4};
  for (const auto& member : {small, large, small}) {
    Must(writer.Add(member, [&](const InputFile::Sink&) -> Result<void> {
      file.seekp(member.size, std::ios::cur);
      return {};
    }));
  }
  Must(writer.Finish());
  file.close();
  const auto input = Must(InputFile::Open(Path("large.zip")));
  const auto entries = Must(ReadZipDirectory(*input, 10, {}));
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].unpacked_size, large.size);
  EXPECT_EQ(entries[1].crc32, 7U);
  EXPECT_GT(entries[2].header_at, large.size);
  EXPECT_EQ(entries[2].path, "b.csv");
}

class Folders : public ZipFiles {};

TEST_F(Folders, AreReadAsTheZipFileOfTheirFiles) {
  Write("set/b.csv", kText);
  Write("set/in/a.csv", "x\n1\n2\n");
  Write("set/B.csv", kText);
  Write("set/notes.txt", "?");
  Write("set/.hidden/c.csv", "?");
  std::filesystem::create_symlink("/etc/passwd", Path("set/.link.csv"));
  EXPECT_EQ(Must(Read(Path("set"))), (Strings{"B: 2 × 1", "b: 2 × 1", "a: 1 × 2"}));
  EXPECT_EQ(source_.file_name, "set");
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("'notes.txt'"), std::string::npos);
  const auto packed = Must(PackFolder(Path("set/in/.."), {}, {}));
  const auto digest = Must(packed.zip->Digest());
  EXPECT_EQ(digest.sha256, source_.sha256);
  EXPECT_EQ(digest.file_name, "set");
  // Of the bytes that a writer made from the page in another language.
  EXPECT_EQ(digest.sha256, "3e5eda1d51b43d4d4af2ec1bbf685c409ead356bcf59a8bb7e97132743bd477a");
  EXPECT_EQ(Must(Read(Write("kept.zip", Must(packed.zip->Head(1 << 20))))),
            (Strings{"B: 2 × 1", "b: 2 × 1", "a: 1 × 2"}));
}

TEST_F(Folders, WhatIsNoFileIsRefused) {
  const auto fails = [&](const std::string& part) {
    const Error error = MustFail(Read(Path("set")));
    EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  };
  Write("set/a.csv", kText);
  std::filesystem::create_symlink("a.csv", Path("set/link.csv"));
  fails("'link.csv' in it is a link");
  std::filesystem::remove(Path("set/link.csv"));
  std::filesystem::create_directory_symlink("..", Path("set/up"));
  fails("'up' in it is a link");
  std::filesystem::remove(Path("set/up"));
  ASSERT_EQ(mkfifo(Path("set/pipe.csv").c_str(), 0600), 0);
  fails("'pipe.csv' in it is a device or a pipe");
  std::filesystem::remove(Path("set/pipe.csv"));
  Write("set/in/b.zip", "?");
  fails("'in/b.zip' in it is an archive");
  std::filesystem::remove_all(Path("set/in"));
  Write("set/in/a.tsv", kText);
  fails("makes a table 'a'");
  std::filesystem::remove_all(Path("set/in"));
  Write("set/m\x86l.csv", kText);
  fails("not UTF-8");
  std::filesystem::remove_all(Path("set"));
  std::filesystem::create_directory(Path("set"));
  fails("no file in it");
  EXPECT_EQ(MustFail(PackFolder(Path("none"), {}, {})).kind, ErrorKind::kNotFound);
}

TEST_F(Folders, Limits) {
  for (int i = 0; i < 3; ++i)
    Write("set/" + std::to_string(i) + ".csv", kText);
  OpenFileOptions options;
  options.limits.entries = 2;
  EXPECT_NE(MustFail(Read(Path("set"), options)).message.find("more than 2 files"),
            std::string::npos);
  options = {};
  options.limits.bytes = 23;
  EXPECT_NE(MustFail(Read(Path("set"), options)).message.find("more than 23 bytes"),
            std::string::npos);
  options.limits.bytes = 24;
  EXPECT_TRUE(Read(Path("set"), options).has_value());
  std::string deep = "set";
  for (int i = 0; i < 20; ++i)
    deep += "/d";
  Write(deep + "/a.csv", kText);
  EXPECT_NE(MustFail(Read(Path("set"))).message.find("more than 20 deep"), std::string::npos);
}

}  // namespace
}  // namespace coreshed::sources

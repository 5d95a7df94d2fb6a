#include "sources/unpack.h"

#include <arrow/api.h>
#include <arrow/util/compression.h>
#include <coreshed/sources.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "sources/test_xlsx.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::sources {
namespace {

std::string Packed(const std::string& text, arrow::Compression::type kind) {
  const auto codec = arrow::util::Codec::Create(kind).ValueOrDie();
  const auto room = codec->MaxCompressedLen(static_cast<int64_t>(text.size()),
                                            reinterpret_cast<const uint8_t*>(text.data()));
  std::string packed(static_cast<size_t>(room), '\0');
  const auto size = codec
                        ->Compress(static_cast<int64_t>(text.size()),
                                   reinterpret_cast<const uint8_t*>(text.data()), room,
                                   reinterpret_cast<uint8_t*>(packed.data()))
                        .ValueOrDie();
  packed.resize(static_cast<size_t>(size));
  return packed;
}
std::string Gz(const std::string& text) {
  return Packed(text, arrow::Compression::GZIP);
}
std::string Zst(const std::string& text) {
  return Packed(text, arrow::Compression::ZSTD);
}

/// A zstd frame with a sum of its content: "a,b\n1,2\n" as zstd's own tool packs it.
const std::string kZstWithSum(
    "\x28\xB5\x2F\xFD\x04\x58\x41\x00\x00\x61\x2C\x62\x0A\x31\x2C\x32\x0A\x35\xE7\xCA\xCE", 21);

class PackedFiles : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  Result<std::string> Read(const std::string& name, const std::string& bytes,
                           const OpenFileOptions& options = {}) {
    auto opened = OpenFile({Write(name, bytes)}, options);
    if (!opened) return opened.error();
    EXPECT_EQ(opened->source.sha256, Sha256Hex(bytes));
    EXPECT_EQ(opened->source.size_bytes, static_cast<int64_t>(bytes.size()));
    EXPECT_EQ(opened->source.file_name, name);
    auto table = opened->tables[0].reader->ToTable();
    if (!table.ok()) return FromArrow(table.status(), "reading");
    return opened->tables[0].name + ": " + std::to_string((*table)->num_columns()) + " × " +
           std::to_string((*table)->num_rows());
  }
  /// The error's message; its kind must be kValidation.
  std::string Fails(const std::string& name, const std::string& bytes,
                    const OpenFileOptions& options = {}) {
    const Error error = MustFail(Read(name, bytes, options));
    EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
    EXPECT_EQ(error.fields.count("file"), 1U) << error.message;
    return error.message;
  }

  TempFolder folder_;
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(PackedFiles, EndingsTellPackingAndFormat) {
  EXPECT_EQ(Must(Read("set.csv.gz", Gz("a,b\n1,2\n"))), "set: 2 × 1");
  EXPECT_EQ(Must(Read("set.v2.TSV.GZ", Gz("a,x\tb\n1\t2\n"))), "set.v2: 2 × 1");
  EXPECT_EQ(Must(Read("set.csv.zst", Zst("a,b\n1,2\n"))), "set: 2 × 1");
  EXPECT_EQ(Must(Read("sum.csv.zst", kZstWithSum)), "sum: 2 × 1");
  EXPECT_EQ(Must(FormatOfFile("x/y.csv.Zst")), FileFormat::kCsv);
}

TEST_F(PackedFiles, FormatsThatPackThemselvesAreRefused) {
  for (const char* name : {"t.parquet.gz", "t.arrow.zst", "t.zip.gz"}) {
    const Error error = MustFail(FormatOfFile(name));
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
    EXPECT_TRUE(Has(error.message, "Unpack it")) << error.message;
  }
  for (const char* name : {"t.gz", "t.tar.gz", ".csv.gz", ".gz", "t.csv.gz.gz"}) {
    EXPECT_EQ(MustFail(FormatOfFile(name)).kind, ErrorKind::kInvalidArgument) << name;
  }
  OpenFileOptions options;
  options.format = FileFormat::kParquet;
  EXPECT_EQ(MustFail(Read("t.csv.gz", Gz("a\n1\n"), options)).kind, ErrorKind::kInvalidArgument);
}

TEST_F(PackedFiles, SeveralStreamsAreOneText) {
  EXPECT_EQ(Must(Read("t.csv.gz", Gz("a,b\n1") + Gz("") + Gz("0,2\n3,4\n"))), "t: 2 × 2");
  EXPECT_EQ(Must(Read("t.csv.zst", Zst("a,b\n1,\n") + kZstWithSum + Zst("3,4\n"))), "t: 2 × 4");
}

TEST_F(PackedFiles, DamageIsRefused) {
  std::string text = "a,b\n";
  for (int i = 0; i < 5000; ++i)
    text += std::to_string(i * 7919) + "," + std::to_string(i) + "\n";
  const std::string gz = Gz(text), zst = Zst(text);
  for (const size_t size :
       {size_t{1}, size_t{9}, size_t{15}, gz.size() / 2, gz.size() - 8, gz.size() - 1}) {
    EXPECT_TRUE(Has(Fails("t.csv.gz", gz.substr(0, size)), "is cut short")) << size;
  }
  for (const size_t size : {size_t{3}, size_t{9}, zst.size() / 2, zst.size() - 1}) {
    EXPECT_TRUE(Has(Fails("t.csv.zst", zst.substr(0, size)), "is cut short")) << size;
  }
  for (const size_t at : {size_t{0}, size_t{2}, gz.size() / 2, gz.size() - 6, gz.size() - 2}) {
    std::string bad = gz;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    EXPECT_TRUE(Has(Fails("t.csv.gz", bad), "is damaged")) << at;
  }
  std::string bad = kZstWithSum;
  bad[10] = 'x';  // in a text that is not packed at all: only the sum tells
  EXPECT_TRUE(Has(Fails("t.csv.zst", bad), "is damaged"));
  EXPECT_TRUE(Has(Fails("t.csv.gz", "a,b\n1,2\n"), "is damaged"));
  EXPECT_TRUE(Has(Fails("t.csv.gz", ""), "is empty"));
}

TEST_F(PackedFiles, OtherBytesAfterTheEndAreRefused) {
  for (const std::string& after : {std::string(1, '\0'), std::string(512, '\0'), std::string("x"),
                                   std::string("garbage, much of it")}) {
    for (const std::string name : {"t.csv.gz", "t.csv.zst"}) {
      const std::string packed = name == "t.csv.gz" ? Gz("a,b\n1,2\n") : Zst("a,b\n1,2\n");
      const std::string message = Fails(name, packed + after);
      EXPECT_TRUE(Has(message, "goes on with other bytes after its end")) << message;
    }
  }
}

TEST_F(PackedFiles, LimitsHaveTheirOwnMessages) {
  std::string large = "a,b\n";
  for (int i = 0; i < 40; ++i)
    large.append(1 << 20, 'x').append(",\n");
  OpenFileOptions options;
  options.limits.unpacked_bytes = 1 << 20;
  EXPECT_TRUE(Has(Fails("t.csv.gz", Gz(large), options), "more than 1048576 bytes, the limit"));
  EXPECT_TRUE(Has(Fails("t.csv.gz", Gz(large) + Gz(large)), "more than 250 times its size"));
  EXPECT_TRUE(Has(Fails("t.csv.zst", Zst(large) + Zst(large)), "more than 250 times its size"));
  options = {};
  options.limits.ratio = 100'000;
  EXPECT_EQ(Must(Read("t.csv.gz", Gz(large) + Gz(large), options)), "t: 2 × 81");
}

TEST_F(PackedFiles, UnpackingCanBeCancelled) {
  std::stop_source stop;
  OpenFileOptions options;
  options.stop = stop.get_token();
  stop.request_stop();
  EXPECT_EQ(MustFail(Read("t.csv.gz", Gz("a\n1\n"), options)).kind, ErrorKind::kCancelled);
}

/// Opens bytes as standard input.
Result<OpenedFile> OpenStandardInput(const std::string& path, const OpenFileOptions& options = {}) {
  const int saved = dup(STDIN_FILENO);
  EXPECT_NE(freopen(path.c_str(), "rb", stdin), nullptr);
  auto opened = OpenFile({"-"}, options);
  dup2(saved, STDIN_FILENO);
  close(saved);
  return opened;
}

TEST_F(PackedFiles, FirstBytesOfStandardInputTell) {
  for (const auto& bytes : {Gz("a,b\n1,2\n"), Zst("a,b\n1,2\n")}) {
    const auto opened = Must(OpenStandardInput(Write("any", bytes)));
    EXPECT_EQ(opened.source.sha256, Sha256Hex(bytes));
    EXPECT_EQ(opened.source.file_name, "standard input");
    EXPECT_EQ(opened.tables[0].name, "data");
    EXPECT_EQ(opened.tables[0].reader->ToTable().ValueOrDie()->num_rows(), 1);
  }
  const Error error = MustFail(OpenStandardInput(Write("any", Gz("PAR1, perhaps"))));
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument) << error.message;
}

TEST_F(PackedFiles, FormatsOfStandardInput) {
  TestZip book, set;
  book.Add({"xl/workbook.xml", "x", false});
  book.Add({"[Content_Types].xml", "x", false});  // last, as openpyxl writes it
  set.Add({"in.xlsx", book.Bytes(), false});
  set.Add({"t.csv", "a\n1\n", false});
  const auto message = [&](const std::string& bytes) {
    return MustFail(OpenStandardInput(Write("any", bytes))).message;
  };
  EXPECT_TRUE(Has(message(book.Bytes()), "Excel")) << message(book.Bytes());
  EXPECT_TRUE(Has(message(set.Bytes()), "in.xlsx")) << "an archive with a workbook in it";
  EXPECT_TRUE(Has(message(set.Bytes().substr(0, 60)), "standard input")) << "cut off";
  const auto type = [&](const std::string& bytes) {
    const auto opened = Must(OpenStandardInput(Write("any", bytes)));
    return opened.tables[0].name + " " + opened.tables[0].reader->schema()->field(0)->name();
  };
  EXPECT_EQ(type("{\"n\":1}\n"), "data n");
  EXPECT_EQ(type("\xEF\xBB\xBF \n{\"n\":1}\n"), "data n");
  const std::string wide("\xFF\xFE{\0\"\0n\0\"\0:\0001\0}\0\n\0", 18);
  EXPECT_EQ(type(wide), "data n");
  EXPECT_EQ(type(wide.substr(2)), "data n") << "without a mark";
  const std::string rows = ",LOCA\r\nHEADING,LOCA_ID\r\nUNIT,\r\nTYPE,ID\r\nDATA,BH1\r\n";
  for (const std::string group : {"GROUP", "Group", "\"GROUP\""})
    EXPECT_EQ(type(group + rows), "LOCA LOCA_ID") << group;
  EXPECT_EQ(type("groups,n\n1,2\n"), "data groups");
}

TEST_F(PackedFiles, AreNotWritten) {
  const auto table =
      arrow::Table::Make(arrow::schema({arrow::field("a", arrow::null())}),
                         {arrow::ChunkedArray::MakeEmpty(arrow::null()).ValueOrDie()});
  arrow::TableBatchReader rows(*table);
  const std::string path = folder_.path() + "/t.csv.gz";
  EXPECT_EQ(MustFail(WriteTableFile(rows, path, FileFormat::kCsv)).kind, ErrorKind::kUnsupported);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace coreshed::sources

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>
#include <arrow/json/from_string.h>
#include <arrow/util/compression.h>
#include <coreshed/sources.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <random>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "sources/opened.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

std::shared_ptr<arrow::Array> ArrayOf(std::shared_ptr<arrow::DataType> type,
                                      const std::string& json) {
  return arrow::json::ArrayFromJSONString(std::move(type), json).ValueOrDie();
}

class Files : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return folder_.path() + "/" + name; }
  std::string Bytes(const std::string& name) {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void SetBytes(const std::string& name, const std::string& bytes) {
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }
  Result<int64_t> Write(const std::string& name, const std::shared_ptr<arrow::Table>& table,
                        bool overwrite = false) {
    arrow::TableBatchReader rows(*table);
    rows.set_chunksize(2);
    return WriteTableFile(rows, Path(name), Must(FormatOfFile(name)), overwrite);
  }
  Result<std::shared_ptr<arrow::Table>> Read(const std::string& name) {
    auto opened = OpenFile({Path(name)});
    if (!opened) return opened.error();
    auto table = opened->tables[0].reader->ToTable();
    if (!table.ok()) return FromArrow(table.status(), "reading");
    return *table;
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  TempFolder folder_;
};

std::shared_ptr<arrow::Table> Mixed() {
  const auto seconds = arrow::timestamp(arrow::TimeUnit::MILLI, "Europe/Oslo");
  const auto classes = arrow::dictionary(arrow::int8(), arrow::utf8());
  return arrow::Table::Make(
      arrow::schema({arrow::field("n", arrow::int32(), false), arrow::field("x", arrow::float64()),
                     arrow::field("text", arrow::large_utf8()), arrow::field("at", seconds),
                     arrow::field("class", classes), arrow::field("price", arrow::decimal128(9, 2)),
                     arrow::field("list", arrow::list(arrow::int16()))}),
      {ArrayOf(arrow::int32(), "[1, 2, 3]"), ArrayOf(arrow::float64(), "[1.5, null, -0.0]"),
       ArrayOf(arrow::large_utf8(), R"(["a", "", null])"), ArrayOf(seconds, "[0, null, 1500]"),
       ArrayOf(classes, R"(["u", "v", null])"),
       ArrayOf(arrow::decimal128(9, 2), R"(["1.50", null, "-2.00"])"),
       ArrayOf(arrow::list(arrow::int16()), "[[1, 2], [], null]")});
}

TEST_F(Files, EndingsTellTheFormat) {
  EXPECT_EQ(Must(FormatOfFile("a/b.CSV")), FileFormat::kCsv);
  EXPECT_EQ(Must(FormatOfFile("b.tsv")), FileFormat::kCsv);
  EXPECT_EQ(Must(FormatOfFile("b.v1.Parquet")), FileFormat::kParquet);
  for (const char* name : {"b.arrow", "b.ipc", "b.feather"}) {
    EXPECT_EQ(Must(FormatOfFile(name)), FileFormat::kArrow);
  }
  for (const char* name : {"b.docx", "b", "csv", ".csv"}) {
    const Error error = MustFail(FormatOfFile(name));
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(error.message.find(".parquet"), std::string::npos) << error.message;
  }
}

TEST_F(Files, EndingsAreLookedForBeforeAnythingIsRead) {
  OpenFileOptions options;
  for (const char* name : {"a..csv", "../../b...csv", "c. .csv", " d.csv "}) {
    EXPECT_TRUE(sources::CheckFormat({"", nullptr, name}, options)) << name;
    const auto bytes = arrow::Buffer::FromString("n\n1\n");
    const auto opened = Must(OpenFile({"", bytes, name}));
    EXPECT_TRUE(opened.source.file_name.ends_with(".csv")) << opened.source.file_name;
  }
  // What is left of the name is an ending alone, which is none.
  const Error error = MustFail(sources::CheckFormat({"there/ .csv"}, options));
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(error.fields.at("file"), "there/ .csv");
}

TEST_F(Files, ParquetAndArrowKeepTypesExactly) {
  for (const char* name : {"t.parquet", "t.arrow"}) {
    EXPECT_EQ(Must(Write(name, Mixed())), 3);
    const auto table = Must(Read(name));
    EXPECT_TRUE(table->Equals(*Mixed())) << table->ToString();
    EXPECT_TRUE(table->schema()->Equals(*Mixed()->schema())) << table->schema()->ToString();
    const auto opened = Must(OpenFile({Path(name)}));
    EXPECT_EQ(opened.tables[0].name, "t");
    EXPECT_EQ(opened.source.sha256, Sha256Hex(Bytes(name)));
  }
}

TEST_F(Files, CsvComesBackAsItWas) {
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("x", arrow::float64()),
                     arrow::field("a, \"b\"", arrow::utf8()), arrow::field("day", arrow::date32()),
                     arrow::field("at", arrow::timestamp(arrow::TimeUnit::MICRO)),
                     arrow::field("time", arrow::time64(arrow::TimeUnit::MICRO)),
                     arrow::field("yes", arrow::boolean())}),
      {ArrayOf(arrow::int64(), "[1, null, -9223372036854775808]"),
       ArrayOf(arrow::float64(), "[1.0, null, 0.30000000000000004]"),
       ArrayOf(arrow::utf8(), R"(["x, \"y\"\n", null, ""])"),
       ArrayOf(arrow::date32(), "[0, null, -1]"),
       ArrayOf(arrow::timestamp(arrow::TimeUnit::MICRO), "[0, null, 1500000]"),
       ArrayOf(arrow::time64(arrow::TimeUnit::MICRO), "[0, null, 1500000]"),
       ArrayOf(arrow::boolean(), "[true, null, false]")});
  for (const char* name : {"t.csv", "t.tsv"}) {
    EXPECT_EQ(Must(Write(name, table)), 3);
    const auto read = Must(Read(name));
    EXPECT_TRUE(read->Equals(*table)) << Bytes(name) << read->ToString();
  }
}

TEST_F(Files, CsvNamesAreNoDelimiters) {
  for (const char* name : {";", "a;b;c", "x|y", "NA", " x ", "\xEF\xBB\xBFx"}) {
    const auto table = arrow::Table::Make(
        arrow::schema({arrow::field(name, arrow::int64()), arrow::field("n", arrow::int64())}),
        {ArrayOf(arrow::int64(), "[1]"), ArrayOf(arrow::int64(), "[2]")});
    Must(Write("t.csv", table, true));
    EXPECT_TRUE(Must(Read("t.csv"))->Equals(*table)) << Bytes("t.csv");
  }
}

TEST_F(Files, TypesAreGivenForCsvOnly) {
  Must(Write("t.parquet", Mixed()));
  OpenFileOptions options;
  options.types = {{"elsewhere", arrow::int8()}};
  EXPECT_TRUE(OpenFile({Path("t.parquet")}, options).has_value());
  options.types = {{"n", arrow::int8()}};
  const Error error = MustFail(OpenFile({Path("t.parquet")}, options));
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(error.message.find("t.parquet is no CSV file"), std::string::npos) << error.message;
}

TEST_F(Files, AnEncodingIsGivenForTextOnly) {
  OpenFileOptions options;
  options.encoding = "latin-1";
  for (const char* name : {"t.parquet", "t.arrow"}) {
    Must(Write(name, Mixed()));
    const Error error = MustFail(OpenFile({Path(name)}, options));
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(error.message.find(std::string(name) + " is no text file"), std::string::npos);
  }
  SetBytes("t.xlsx", "PK");
  EXPECT_EQ(MustFail(OpenFile({Path("t.xlsx")}, options)).kind, ErrorKind::kInvalidArgument);
  SetBytes("t.csv", "n\n\xE9\n");
  EXPECT_TRUE(OpenFile({Path("t.csv")}, options).has_value());
}

TEST_F(Files, HashingCanBeCancelled) {
  std::stop_source stop;
  OpenFileOptions options;
  options.stop = stop.get_token();
  Must(Write("t.parquet", Mixed()));
  EXPECT_TRUE(OpenFile({Path("t.parquet")}, options).has_value());
  stop.request_stop();
  EXPECT_EQ(MustFail(OpenFile({Path("t.parquet")}, options)).kind, ErrorKind::kCancelled);
}

/// What CSV can hold at all comes back as it was, where the types are known.
TEST_F(Files, CsvLikeTheTableItWasMadeOf) {
  using arrow::TimeUnit;
  const std::vector<std::pair<std::shared_ptr<arrow::DataType>, std::string>> columns{
      {arrow::int8(), "[-128, null, 127]"},
      {arrow::uint64(), "[18446744073709551615, null, 0]"},
      {arrow::float32(), "[0.1, null, 1e-30]"},
      {arrow::float64(), "[-0.0, null, 1e300]"},
      {arrow::decimal32(5, 2), R"(["1.50", null, "-999.99"])"},
      {arrow::decimal256(60, 4),
       R"(["1.0000", null, "12345678901234567890123456789012345678901234567890.1234"])"},
      {arrow::date32(), "[0, null, -719162]"},
      {arrow::date64(), "[0, null, 86400000]"},
      {arrow::time32(TimeUnit::SECOND), "[0, null, 86399]"},
      {arrow::time32(TimeUnit::MILLI), "[1, null, 86399999]"},
      {arrow::time64(TimeUnit::NANO), "[1, null, 86399999999999]"},
      {arrow::timestamp(TimeUnit::SECOND), "[0, null, -62135596800]"},
      {arrow::timestamp(TimeUnit::MILLI, "Europe/Oslo"), "[0, null, 1500]"},
      {arrow::timestamp(TimeUnit::NANO), "[1, null, -1]"},
      {arrow::boolean(), "[true, null, false]"},
      {arrow::utf8(), R"(["1", null, "NA"])"},
  };
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [type, json] : columns) {
    fields.push_back(arrow::field(std::to_string(fields.size()), type));
    arrays.push_back(ArrayOf(type, json));
  }
  const auto table = arrow::Table::Make(arrow::schema(fields), arrays);
  Must(Write("t.csv", table));
  OpenFileOptions options;
  options.like = {{"t", table->schema()}};
  const auto read =
      Must(OpenFile({Path("t.csv")}, options)).tables[0].reader->ToTable().ValueOrDie();
  EXPECT_TRUE(read->schema()->Equals(*table->schema())) << read->schema()->ToString();
  EXPECT_TRUE(read->Equals(*table)) << read->ToString();
}

TEST_F(Files, CsvText) {
  const auto zoned = arrow::timestamp(arrow::TimeUnit::SECOND, "Europe/Oslo");
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("", arrow::float32()), arrow::field("b", arrow::utf8()),
                     arrow::field("c", zoned), arrow::field("d", arrow::decimal128(5, 2))}),
      {ArrayOf(arrow::float32(), "[1, 0.1, 1e20]"),
       ArrayOf(arrow::utf8(), R"(["NA", " x", "=1+1"])"), ArrayOf(zoned, "[0, 1, null]"),
       ArrayOf(arrow::decimal128(5, 2), R"(["1.50", null, null])")});
  Must(Write("t.csv", table));
  EXPECT_EQ(Bytes("t.csv"),
            "\"\",b,c,d\n"
            "1.0,\"NA\",1970-01-01 00:00:00Z,1.50\n"
            "0.1,\" x\",1970-01-01 00:00:01Z,\n"
            "1e+20,=1+1,,\n");
}

TEST_F(Files, CsvRefusesWhatItCantHoldByName) {
  const Error error = MustFail(Write("t.csv", Mixed()));
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_NE(error.message.find("'list'"), std::string::npos) << error.message;
  EXPECT_TRUE(Names().empty()) << "and leaves nothing behind";
}

TEST_F(Files, NoFile) {
  EXPECT_EQ(MustFail(Read("none.csv")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(Read("none.parquet")).kind, ErrorKind::kNotFound);
  std::filesystem::create_directory(Path("folder.csv"));
  EXPECT_EQ(MustFail(Read("folder.csv")).kind, ErrorKind::kValidation) << "nothing in it";
  OpenFileOptions options;
  options.format = FileFormat::kCsv;
  EXPECT_EQ(MustFail(OpenFile({Path("folder.csv")}, options)).kind, ErrorKind::kInvalidArgument);
}

TEST_F(Files, ForeignFilesAreTold) {
  const std::vector<std::string> foreign = {"",
                                            "a,b\n1,2\n",
                                            "PAR1",
                                            "ARROW1",
                                            "ARROW1\0\0",
                                            "PAR1PAR1",
                                            std::string(100, '\xFF'),
                                            std::string(100, '\0')};
  for (const auto& bytes : foreign) {
    for (const char* name : {"t.parquet", "t.arrow"}) {
      SetBytes(name, bytes);
      const Error error = MustFail(Read(name));
      EXPECT_EQ(error.kind, ErrorKind::kValidation) << bytes << ": " << error.message;
      EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    }
  }
}

TEST_F(Files, TruncatedFilesAreTold) {
  for (const std::string name : {"t.parquet", "t.arrow"}) {
    Must(Write(name, Mixed()));
    const std::string bytes = Bytes(name);
    for (size_t size = 0; size < bytes.size(); size += 7) {
      SetBytes("cut-" + name, bytes.substr(0, size));
      const Error error = MustFail(Read("cut-" + name));
      EXPECT_EQ(error.kind, ErrorKind::kValidation) << size << ": " << error.message;
    }
  }
}

TEST_F(Files, DamagedFilesNeverCrash) {
  std::mt19937 random(7);
  for (const std::string name : {"t.parquet", "t.arrow"}) {
    Must(Write(name, Mixed()));
    const std::string bytes = Bytes(name);
    for (int round = 0; round < 400; ++round) {
      std::string damaged = bytes;
      for (int i = 0; i < 3; ++i)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      SetBytes("bad-" + name, damaged);
      if (const auto table = Read("bad-" + name); table) {
        EXPECT_TRUE((*table)->ValidateFull().ok());
      } else {
        EXPECT_TRUE(table.error().kind == ErrorKind::kValidation ||
                    table.error().kind == ErrorKind::kUnsupported ||
                    table.error().kind == ErrorKind::kIo)
            << ErrorKindName(table.error().kind) << table.error().message;
      }
    }
  }
}

TEST_F(Files, ChangedBytesOfParquetDataAreSeen) {
  arrow::Int64Builder numbers;
  for (int64_t number = 0; number < 1000; ++number)
    ASSERT_TRUE(numbers.Append(number * number).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("n", arrow::int64())}),
                                        {numbers.Finish().ValueOrDie()});
  Must(Write("t.parquet", table));
  std::string bytes = Bytes("t.parquet");
  bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] + 1);
  SetBytes("t.parquet", bytes);
  EXPECT_EQ(MustFail(Read("t.parquet")).kind, ErrorKind::kValidation);
}

TEST_F(Files, ArrowStreams) {
  auto sink = arrow::io::FileOutputStream::Open(Path("t.arrow")).ValueOrDie();
  auto writer = arrow::ipc::MakeStreamWriter(sink, Mixed()->schema()).ValueOrDie();
  ASSERT_TRUE(writer->WriteTable(*Mixed()).ok());
  ASSERT_TRUE(writer->Close().ok());
  ASSERT_TRUE(sink->Close().ok());
  EXPECT_TRUE(Must(Read("t.arrow"))->Equals(*Mixed()));
  const std::string bytes = Bytes("t.arrow");
  SetBytes("t.arrow", bytes.substr(0, bytes.size() - 8));
  EXPECT_EQ(MustFail(Read("t.arrow")).kind, ErrorKind::kValidation) << "rows may be missing";
}

TEST_F(Files, SizesThatArrowFilesClaimAreBounded) {
  const auto zeros = arrow::MakeArrayFromScalar(*arrow::MakeScalar(int64_t{0}), 1000).ValueOrDie();
  const auto schema = arrow::schema({arrow::field("n", arrow::int64())});
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec = arrow::util::Codec::Create(arrow::Compression::ZSTD).ValueOrDie();
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto writer = arrow::ipc::MakeStreamWriter(sink, schema, options).ValueOrDie();
  ASSERT_TRUE(writer->WriteRecordBatch(*arrow::RecordBatch::Make(schema, 1000, {zeros})).ok());
  ASSERT_TRUE(writer->Close().ok());
  std::string bytes = sink->Finish().ValueOrDie()->ToString();
  SetBytes("t.arrow", bytes);
  EXPECT_EQ(Must(Read("t.arrow"))->num_rows(), 1000);

  const auto packed = bytes.find(std::string("\x40\x1F\0\0\0\0\0\0\x28\xB5\x2F\xFD", 12));
  ASSERT_NE(packed, bytes.npos) << "8,000 bytes in a frame of Zstandard";
  bytes[packed + 5] = 1;
  SetBytes("t.arrow", bytes);
  const Error error = MustFail(Read("t.arrow"));
  EXPECT_EQ(error.kind, ErrorKind::kValidation);
  EXPECT_EQ(error.fields.at("file"), Path("t.arrow"));
  EXPECT_NE(error.message.find("bytes of memory. Is it damaged?"), std::string::npos)
      << error.message;
}

TEST_F(Files, RowsWithoutValuesAreBounded) {
  const auto schema = arrow::schema({arrow::field("n", arrow::null())});
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.allow_64bit = true;
  for (const int64_t rows : {int64_t{INT32_MAX}, int64_t{INT32_MAX} + 1}) {
    const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto writer = arrow::ipc::MakeStreamWriter(sink, schema, options).ValueOrDie();
    const auto nulls = std::make_shared<arrow::NullArray>(rows);
    ASSERT_TRUE(writer->WriteRecordBatch(*arrow::RecordBatch::Make(schema, rows, {nulls})).ok());
    ASSERT_TRUE(writer->Close().ok());
    SetBytes("t.arrow", sink->Finish().ValueOrDie()->ToString());
    const auto read = Read("t.arrow");
    EXPECT_EQ(read.has_value(), rows == INT32_MAX);
    if (!read) {
      EXPECT_EQ(read.error().kind, ErrorKind::kValidation);
      EXPECT_NE(read.error().message.find("2147483648 rows"), std::string::npos);
    }
  }
}

TEST_F(Files, OverwritesOnlyWhenAsked) {
  SetBytes("t.csv", "old");
  EXPECT_EQ(MustFail(Write("t.csv", Mixed()->SelectColumns({0}).ValueOrDie())).kind,
            ErrorKind::kAlreadyExists);
  EXPECT_EQ(Bytes("t.csv"), "old");
  Must(Write("t.csv", Mixed()->SelectColumns({0}).ValueOrDie(), true));
  EXPECT_EQ(Bytes("t.csv"), "n\n1\n2\n3\n");
  EXPECT_EQ(Names().size(), 1) << "no temporary file is left";
}

TEST_F(Files, LinkStaysALink) {
  SetBytes("t.csv", "old");
  std::filesystem::create_symlink("t.csv", Path("link.csv"));
  Must(Write("link.csv", Mixed()->SelectColumns({0}).ValueOrDie(), true));
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link.csv")));
  EXPECT_EQ(Bytes("t.csv"), "n\n1\n2\n3\n");
}

TEST_F(Files, AFailedWriteLeavesTheOldFile) {
  SetBytes("t.csv", "old");
  const auto schema = arrow::schema({arrow::field("n", arrow::int64())});
  const auto batch = arrow::RecordBatch::Make(schema, 1, {ArrayOf(arrow::int64(), "[1]")});
  int left = 2;
  const auto next = [&]() -> arrow::Result<std::shared_ptr<arrow::RecordBatch>> {
    if (left-- > 0) return batch;
    return ToArrow(Error{ErrorKind::kCorruption, "a part is missing"});
  };
  const auto rows =
      arrow::RecordBatchReader::MakeFromIterator(arrow::MakeFunctionIterator(next), schema)
          .ValueOrDie();
  const Error error = MustFail(WriteTableFile(*rows, Path("t.csv"), FileFormat::kCsv, true));
  EXPECT_EQ(error.kind, ErrorKind::kCorruption);
  EXPECT_EQ(Bytes("t.csv"), "old");
  EXPECT_EQ(Names().size(), 1);
}

TEST_F(Files, FullDisk) {
  // The most this process may write into a file stands for a disk that is full.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = Write("t.parquet", Mixed());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(MustFail(result).kind, ErrorKind::kIo);
  EXPECT_TRUE(Names().empty());
}

TEST_F(Files, Pipes) {
  ASSERT_EQ(mkfifo(Path("pipe.csv").c_str(), 0600), 0);
  std::thread writer([&] { SetBytes("pipe.csv", "a,b\n1,2\n"); });
  const auto table = Must(Read("pipe.csv"));
  writer.join();
  EXPECT_EQ(table->num_rows(), 1);
}

}  // namespace
}  // namespace coreshed

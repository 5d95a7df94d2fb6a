#include "bench_support.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/util/config.h>

#include <chrono>
#include <cstdio>

namespace bench {
namespace {

template <typename T>
T Take(arrow::Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return std::move(result).ValueUnsafe();
}

constexpr const char* kMark = "revision";

}  // namespace

int64_t Options::Number(const std::string& name) const {
  const auto found = named.find(name);
  Require(found != named.end(), "--" + name + " is missing");
  return std::stoll(found->second);
}

Options ParseOptions(int argc, char** argv) {
  Require(argc >= 3, "usage: bench_coreshed WORK FOLDER --data DIR [--OPTION VALUE …]");
  Options options{argv[1], argv[2], "", {}};
  for (int i = 3; i < argc; ++i) {
    const std::string name = std::string(argv[i]).substr(2);
    const bool flag = name == "shared" || i + 1 == argc;
    options.named[name] = flag ? "true" : argv[++i];
  }
  options.data = options.named["data"];
  return options;
}

void Print(const std::string& work, const Answer& answer) {
  std::string line = R"({"system":"coreshed_cpp","durable":"yes","work":")" + work + '"';
  line +=
      R"(,"packages":{"coreshed":"0.1.0","arrow":")" + std::string(ARROW_VERSION_STRING) + "\"}";
  const auto text = [](double value) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.17g", value);
    return std::string(digits);
  };
  for (const auto& [key, value] : answer.number)
    line += ",\"" + key + "\":" + text(value);
  for (const auto& [key, values] : answer.list) {
    line += ",\"" + key + "\":[";
    for (size_t i = 0; i < values.size(); ++i)
      line += (i > 0 ? "," : "") + text(values[i]);
    line += "]";
  }
  std::printf("%s}\n", line.c_str());
}

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

Table LoadIpc(const std::string& path) {
  // Read, not mapped: page faults on first touch would be counted as the store's time.
  const auto file = Take(arrow::io::ReadableFile::Open(path));
  const auto reader = Take(arrow::ipc::RecordBatchFileReader::Open(file));
  arrow::RecordBatchVector batches;
  for (int i = 0; i < reader->num_record_batches(); ++i) {
    batches.push_back(Take(reader->ReadRecordBatch(i)));
  }
  return Take(arrow::Table::FromRecordBatches(reader->schema(), batches))
      ->ReplaceSchemaMetadata(nullptr);
}

SmallTable::SmallTable(const std::string& data) : base_(LoadIpc(data + "/small.arrow")) {}

Table SmallTable::Version(int64_t version) const {
  arrow::Int64Builder marks;
  std::vector<int64_t> values(static_cast<size_t>(base_->num_rows()), 0);
  values[0] = version;
  const auto status = marks.AppendValues(values);
  Require(status.ok(), status.ToString());
  const auto column = std::make_shared<arrow::ChunkedArray>(Take(marks.Finish()));
  const int index = base_->schema()->GetFieldIndex(kMark);
  return Take(base_->SetColumn(index, base_->schema()->field(index), column));
}

int64_t MarkOf(const arrow::Table& table) {
  const auto& column = *table.GetColumnByName(kMark)->chunk(0);
  return static_cast<const arrow::Int64Array&>(column).Value(0);
}

}  // namespace bench

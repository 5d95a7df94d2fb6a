#include "bench_support.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/config.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

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
  std::string line = R"({"system":"coreshed","durable":"yes","work":")" + work + '"';
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

double WallClock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

Loaded LoadIpc(const std::string& path) {
  // Read, not mapped: page faults on first touch would be counted as the store's time.
  const auto file = Take(arrow::io::ReadableFile::Open(path));
  const auto reader = Take(arrow::ipc::RecordBatchFileReader::Open(file));
  arrow::RecordBatchVector batches;
  for (int i = 0; i < reader->num_record_batches(); ++i) {
    batches.push_back(Take(reader->ReadRecordBatch(i)));
  }
  Loaded loaded;
  const auto metadata = reader->schema()->metadata();
  if (metadata != nullptr && metadata->Contains("offset")) {
    loaded.offset = std::stoll(Take(metadata->Get("offset")));
  }
  loaded.table = Take(arrow::Table::FromRecordBatches(reader->schema(), batches))
                     ->ReplaceSchemaMetadata(nullptr);
  return loaded;
}

std::vector<std::string> FilesLike(const std::string& folder, const std::string& beginning) {
  std::vector<std::string> paths;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().filename().string().starts_with(beginning)) paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

int64_t FolderBytes(const std::string& folder) {
  int64_t bytes = 0;
  if (folder.starts_with("s3://")) return bytes;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) bytes += static_cast<int64_t>(file.file_size());
  }
  return bytes;
}

int64_t MemoryBytes(const arrow::Table& table) {
  return arrow::util::TotalBufferSize(table);
}

Table ApplyEdit(const Table& table, const Loaded& edit) {
  const auto& changed = edit.table->column(0)->chunk(0);
  const int64_t count = changed->length();
  const auto pieces = {table->Slice(0, edit.offset), edit.table->Slice(0, count),
                       table->Slice(edit.offset + count), edit.table->Slice(count)};
  return Take(Take(arrow::ConcatenateTables(pieces))->CombineChunks());
}

SmallTable::SmallTable(const std::string& data) : base_(LoadIpc(data + "/small.arrow").table) {}

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

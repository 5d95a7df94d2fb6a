// What is read as AGS is written, reads as the same tables, and is written as the same bytes.
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <coreshed/sources.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/read_all.h"
#include "sources/table_file.h"

namespace {

/// Bytes as an AGS file, as tables; nothing if they are refused.
std::vector<coreshed::TableInput> Read(std::shared_ptr<arrow::Buffer> bytes) {
  auto opened =
      coreshed::OpenFile({"", std::move(bytes), "fuzz.ags"}, coreshed::fuzz::SmallLimits());
  if (!opened) {
    coreshed::fuzz::CheckError(opened.error());
    return {};
  }
  std::vector<coreshed::TableInput> tables;
  for (const auto& table : opened->tables) {
    auto rows = table.reader->ToTable();
    if (!rows.ok() || !(*rows)->ValidateFull().ok()) std::abort();
    tables.push_back({table.name, *rows, nullptr});
  }
  return tables;
}

std::shared_ptr<arrow::Buffer> Write(const std::vector<coreshed::TableInput>& tables) {
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  if (!coreshed::sources::WriteAgs(tables, sink)) std::abort();
  return sink->Finish().ValueOrDie();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto tables = Read(arrow::Buffer::FromString(bytes));
  if (tables.empty()) return 0;
  const auto written = Write(tables);
  const auto again = Read(written);
  if (again.size() != tables.size()) std::abort();
  for (size_t i = 0; i < tables.size(); ++i) {
    if (again[i].name != tables[i].name || !again[i].table->Equals(*tables[i].table)) std::abort();
  }
  if (!Write(again)->Equals(*written)) std::abort();
  return 0;
}

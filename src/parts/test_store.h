#pragma once

// For the tests of this folder: a store in memory with one record, and tables of many kinds.

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "parts/read.h"
#include "parts/write.h"
#include "storage/memory.h"

namespace coreshed::parts {

/// Unwraps a Result; a test that gets an error here fails with its message.
template <typename T>
T Get(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
template <typename T>
T Get(arrow::Result<T> result) {
  return std::move(result).ValueOrDie();
}

/// One record of a store in memory.
class TestRecord {
 public:
  std::shared_ptr<storage::Storage> storage = storage::MakeMemoryStorage();
  int threads = 2;
  int64_t memory_bytes = int64_t{64} << 20;

  static constexpr const char* kPrefix = "records/r/";

  WriteRequest Request(const std::shared_ptr<arrow::Table>& table, const WriteAnswer* base) {
    WriteRequest request;
    request.table = table;
    if (base != nullptr) {
      request.cut = base->cut;
      request.base = &base->parts;
      request.base_schema = base->schema;
    }
    request.record_prefix = kPrefix;
    const int version = ++version_;
    request.name = [version](int k, bool single) {
      const std::string name = "versions/v" + std::to_string(version);
      const std::string number = single ? "" : "/" + std::to_string(k);
      return std::pair(name + number + ".parquet", name + number + "-other.parquet");
    };
    request.threads = threads;
    request.memory_bytes = memory_bytes;
    return request;
  }

  Result<WriteAnswer> TryWrite(const WriteRequest& request) {
    auto stage = storage->OpenStage("r", version_ == 1);
    if (!stage) return std::move(stage).error();
    return WriteParts(request, *storage, **stage);
  }

  WriteAnswer Write(const std::shared_ptr<arrow::Table>& table, const WriteAnswer* base = nullptr) {
    return Get(TryWrite(Request(table, base)));
  }

  ReadRequest Reading(const WriteAnswer& answer, std::vector<std::string> columns = {}) const {
    return {&answer.parts, kPrefix, answer.schema, std::move(columns), threads, memory_bytes};
  }
  std::shared_ptr<arrow::Table> Read(const WriteAnswer& answer,
                                     std::vector<std::string> columns = {}) {
    return Get(ReadTable(Reading(answer, std::move(columns)), *storage));
  }

 private:
  int version_ = 0;
};

/// A table that is cut into several parts: id (unique), a name, a measured number with nulls.
std::shared_ptr<arrow::Table> ManyRows(int64_t rows, int64_t first_id = 0, uint64_t seed = 1);

}  // namespace coreshed::parts

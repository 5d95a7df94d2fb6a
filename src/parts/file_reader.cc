#include "parts/file_reader.h"

#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/arrow_error.h"
#include "base/missing.h"
#include "base/result.h"
#include "parts/cut.h"
#include "parts/memory_pool.h"

namespace coreshed::parts {
namespace {

/// Files up to this size are read whole: one request for footer and data.
constexpr int64_t kWholeFileBytes = int64_t{1} << 20;

Error Unreadable(Error error, const std::string& key) {
  return error.kind == ErrorKind::kNotFound ? MissingObject("File", key) : std::move(error);
}

parquet::ReaderProperties FileProperties() {
  parquet::ReaderProperties properties(Pool());
  return properties;
}

parquet::ArrowReaderProperties ArrowProperties() {
  parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_pre_buffer(false);
  properties.set_should_load_statistics(false);
  return properties;
}

}  // namespace

PartFileReader::~PartFileReader() = default;

Error PartFileReader::Damaged(const std::string& what) const {
  return Error{ErrorKind::kCorruption, "File " + key_ + " is damaged: " + what}.With("object",
                                                                                     key_);
}

Result<std::shared_ptr<PartFileReader>> PartFileReader::Open(storage::Storage& storage,
                                                             const std::string& key,
                                                             const PartFile& file) {
  std::shared_ptr<PartFileReader> reader(new PartFileReader());
  reader->key_ = key;
  reader->file_ = file;
  if (file.size_bytes <= kWholeFileBytes) {
    auto got = storage.Get(key);
    if (!got) return Unreadable(std::move(got).error(), key);
    const auto blob = std::move(got).value();
    if (blob.bytes->size() != file.size_bytes) {
      return reader->Damaged("it has " + std::to_string(blob.bytes->size()) + " bytes, not " +
                             std::to_string(file.size_bytes));
    }
    reader->source_ = std::make_shared<arrow::io::BufferReader>(blob.bytes);
  } else {
    auto opened = storage.Open(key, file.size_bytes);
    if (!opened) return Unreadable(std::move(opened).error(), key);
    reader->source_ = std::move(opened).value();
  }
  CORESHED_TRY(reader->ReadFooter());
  return reader;
}

Result<void> PartFileReader::ReadFooter() {
  try {
    auto reader = parquet::ParquetFileReader::Open(source_, FileProperties());
    footer_ = reader->metadata();
    if (footer_->num_row_groups() != file_.parts) {
      return Damaged("it has " + std::to_string(footer_->num_row_groups()) + " row groups, not " +
                     std::to_string(file_.parts));
    }
    for (int i = 0; i < footer_->num_row_groups(); ++i) {
      const int64_t rows = footer_->RowGroup(i)->num_rows();
      if (rows <= 0 || rows > kPartRowsMax) return Damaged("its row groups have impossible sizes");
    }
    const auto& schema = *footer_->schema();
    leaves_.resize(static_cast<size_t>(schema.group_node()->field_count()));
    for (int i = 0; i < schema.num_columns(); ++i) {
      const int field = schema.group_node()->FieldIndex(*schema.GetColumnRoot(i));
      if (field < 0) return Damaged("its schema is not readable");
      leaves_[static_cast<size_t>(field)].push_back(i);
    }
    FindFewValues();
  } catch (const parquet::ParquetStatusException& error) {
    if (error.status().detail() == nullptr) return Damaged(error.what());
    return Unreadable(FromArrow(error.status(), "reading " + key_), key_);
  } catch (const std::exception& error) {
    return Damaged(error.what());
  }
  return {};
}

void PartFileReader::FindFewValues() {
  if (footer_->num_row_groups() == 0) return;
  const auto first = footer_->RowGroup(0);
  for (const auto& leaves : leaves_) {
    if (leaves.size() != 1) continue;
    const auto& schema = *footer_->schema();
    // Arrow reads no dictionaries within structs.
    if (!schema.GetColumnRoot(leaves[0])->is_primitive()) continue;
    const auto& leaf = *schema.Column(leaves[0]);
    if (leaf.physical_type() != parquet::Type::BYTE_ARRAY || leaf.max_repetition_level() > 0) {
      continue;
    }
    if (first->ColumnChunk(leaves[0])->has_dictionary_page()) few_values_.push_back(leaves[0]);
  }
}

int64_t PartFileReader::parts() const {
  return footer_->num_row_groups();
}

int64_t PartFileReader::rows(int64_t part) const {
  return footer_->RowGroup(static_cast<int>(part))->num_rows();
}

int64_t PartFileReader::size_bytes(int64_t part) const {
  return footer_->RowGroup(static_cast<int>(part))->total_compressed_size();
}

bool PartFileReader::MayHold(int64_t part, int column, const SortedValues& values) const {
  const auto& leaves = leaves_[static_cast<size_t>(column)];
  if (leaves.size() != 1) return true;
  try {
    return values.MayBeIn(
        footer_->RowGroup(static_cast<int>(part))->ColumnChunk(leaves[0])->statistics());
  } catch (const std::exception&) {
    return true;  // who reads it is told
  }
}

Result<std::vector<PartEntry>> PartFileReader::Entries(Need need) const {
  if (file_.parts == 1 && need == Need::kHashes) {
    PartEntry entry;
    entry.rows = rows(0);
    CORESHED_ASSIGN(entry.hash, ParseHash256(file_.root));
    return std::vector<PartEntry>{std::move(entry)};
  }
  auto entries = ParseFooter(footer_->key_value_metadata().get(), need == Need::kColumns);
  if (!entries) return Damaged(entries.error().message);
  std::vector<Hash256> hashes;
  for (size_t i = 0; i < entries->size(); ++i)
    hashes.push_back(entries.value()[i].hash);
  if (static_cast<int64_t>(hashes.size()) != file_.parts || FileRoot(hashes) != file_.root) {
    return Damaged("the hashes of its parts are not those that the metadata give");
  }
  for (int64_t i = 0; i < file_.parts; ++i) {
    if (entries.value()[static_cast<size_t>(i)].rows != rows(i)) {
      return Damaged("its row groups do not have the rows that it says");
    }
  }
  return entries;
}

Result<void> PartFileReader::CheckSchema(const arrow::Schema& schema) const {
  const auto& root = *footer_->schema()->group_node();
  bool alike = root.field_count() == schema.num_fields();
  for (int i = 0; alike && i < schema.num_fields(); ++i) {
    alike = root.field(i)->name() == schema.field(i)->name() &&
            !leaves_[static_cast<size_t>(i)].empty();
  }
  if (!alike) return Damaged("it has other columns than the metadata give");
  return {};
}

Result<std::unique_ptr<parquet::arrow::FileReader>> PartFileReader::TakeReader() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  auto make = [&]() -> arrow::Result<std::unique_ptr<parquet::arrow::FileReader>> {
    parquet::arrow::FileReaderBuilder builder;
    ARROW_RETURN_NOT_OK(builder.Open(source_, FileProperties(), footer_));
    auto properties = ArrowProperties();
    for (const int leaf : few_values_)
      properties.set_read_dictionary(leaf, true);
    builder.memory_pool(Pool())->properties(properties);
    return builder.Build();
  };
  try {
    auto reader = make();
    if (!reader.ok()) return Damaged(reader.status().message());
    return std::move(reader).ValueUnsafe();
  } catch (const std::exception& error) {
    return Damaged(error.what());
  }
}

void PartFileReader::WillRead(std::span<const int> columns, std::span<const int> parts) const {
  std::vector<arrow::io::ReadRange> ranges;
  try {
    for (const int part : parts) {
      const auto group = footer_->RowGroup(part);
      for (const int column : columns) {
        for (const int leaf : leaves_[static_cast<size_t>(column)]) {
          const auto chunk = group->ColumnChunk(leaf);
          const int64_t begin =
              chunk->has_dictionary_page() && chunk->dictionary_page_offset() > 0
                  ? std::min(chunk->dictionary_page_offset(), chunk->data_page_offset())
                  : chunk->data_page_offset();
          ranges.push_back({begin, chunk->total_compressed_size()});
        }
      }
    }
  } catch (const std::exception&) {
    return;  // who reads it is told
  }
  (void)source_->WillNeed(ranges);  // likewise
}

Result<arrow::ChunkedArrayVector> PartFileReader::ReadColumns(std::span<const int> columns,
                                                              const std::vector<int>& parts) const {
  CORESHED_ASSIGN(auto reader, TakeReader());
  int64_t rows = 0;
  for (const int part : parts)
    rows += this->rows(part);
  std::vector<int> leaves;
  for (const int column : columns) {
    const auto& own = leaves_[static_cast<size_t>(column)];
    leaves.insert(leaves.end(), own.begin(), own.end());
  }
  try {
    auto table = reader->ReadRowGroups(parts, leaves);
    if (!table.ok()) {
      if (table.status().detail() != nullptr) {
        return Unreadable(FromArrow(table.status(), "reading " + key_), key_);
      }
      return Damaged(table.status().message());
    }
    const auto& read = *table.ValueUnsafe();
    if (read.num_columns() != static_cast<int>(columns.size()) || read.num_rows() != rows) {
      return Damaged("its columns are not whole");
    }
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
    return read.columns();
  } catch (const std::exception& error) {
    return Damaged(error.what());
  }
}

}  // namespace coreshed::parts

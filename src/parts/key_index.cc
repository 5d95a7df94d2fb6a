#include "parts/key_index.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <numeric>

#include "base/result.h"
#include "parts/cells.h"
#include "parts/cut.h"
#include "parts/dictionary.h"

namespace coreshed::parts {
namespace {

constexpr int kSieveBits = 20;  // 128 KiB: stays in the processor's cache

size_t SieveBit(uint64_t hash) {
  return static_cast<size_t>(hash >> (64 - kSieveBits));
}

Error NullKey(const std::string& column, int64_t row) {
  return Error{ErrorKind::kValidation, "Row " + std::to_string(row + 1) + " has no value in '" +
                                           column +
                                           "', which is part of the key. Nothing was "
                                           "changed."}
      .With("column", column);
}

/// Some columns, dictionaries as the values that they stand for.
Result<std::shared_ptr<arrow::RecordBatch>> DenseColumns(const arrow::RecordBatch& batch,
                                                         const std::vector<int>& columns) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::ArrayData>> dense;
  for (const int column : columns) {
    auto data = batch.column_data(column);
    if (data->type->id() == arrow::Type::DICTIONARY) {
      CORESHED_ASSIGN(data, ExpandDictionary(*data));
    }
    fields.push_back(arrow::field(batch.column_name(column), data->type));
    dense.push_back(std::move(data));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.num_rows(),
                                  std::move(dense));
}

std::vector<int> FirstColumns(int count) {
  std::vector<int> columns(static_cast<size_t>(count));
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

}  // namespace

Result<KeyIndex> KeyIndex::Make(std::shared_ptr<arrow::RecordBatch> rows,
                                const std::vector<std::string>& keys) {
  KeyIndex index;
  index.rows_ = std::move(rows);
  if (keys.empty()) {
    return Error{ErrorKind::kInvalidArgument,
                 "By which columns are rows to be found? Name the key."};
  }
  const auto& schema = *index.rows_->schema();
  for (const auto& key : keys) {
    const auto found = schema.GetAllFieldIndices(key);
    if (found.empty()) {
      return Error{ErrorKind::kNotFound, "There is no column '" + key + "' to find rows by."}.With(
          "column", key);
    }
    index.columns_.push_back(found[0]);
  }
  CORESHED_ASSIGN(index.keys_, DenseColumns(*index.rows_, index.columns_));
  for (int i = 0; i < index.keys_->num_columns(); ++i) {
    const auto& column = *index.keys_->column(i);
    for (int64_t row = 0; column.null_count() > 0 && row < column.length(); ++row) {
      if (column.IsNull(row)) return NullKey(keys[static_cast<size_t>(i)], row);
    }
  }
  std::vector<uint64_t> hashes(static_cast<size_t>(index.rows_->num_rows()));
  CORESHED_TRY(CutHashes(*index.keys_, FirstColumns(index.keys_->num_columns()), 0, hashes));
  index.sieve_.assign((size_t{1} << kSieveBits) / 64, 0);
  for (size_t row = 0; row < hashes.size(); ++row) {
    const auto number = static_cast<int64_t>(row);
    CORESHED_ASSIGN(auto cells, CellsOf(*index.keys_, number));
    const auto [first, last] = index.rows_by_hash_.equal_range(hashes[row]);
    for (auto other = first; other != last; ++other) {
      if (index.cells_[static_cast<size_t>(other->second)] != cells) continue;
      return Error{ErrorKind::kValidation,
                   "Rows " + std::to_string(other->second + 1) + " and " + std::to_string(row + 1) +
                       " have the same key (" + index.Describe(number) +
                       "). Nothing was changed: hand in one row for each key."};
    }
    index.cells_.push_back(std::move(cells));
    index.rows_by_hash_.emplace(hashes[row], number);
    const size_t bit = SieveBit(hashes[row]);
    index.sieve_[bit / 64] |= uint64_t{1} << (bit % 64);
  }
  return index;
}

/// Each cell with its length before it, so that no two keys meet.
Result<std::string> KeyIndex::CellsOf(const arrow::RecordBatch& keys, int64_t row) {
  std::string cells;
  for (int column = 0; column < keys.num_columns(); ++column) {
    CORESHED_TRY(ForEachCell(
        *keys.column_data(column), row, 1,
        [&](int64_t, const uint8_t* bytes, auto size) {
          const auto length = static_cast<uint64_t>(size);
          cells.append(reinterpret_cast<const char*>(&length), sizeof length);
          cells.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
        },
        [&](int64_t) { cells.append(sizeof(uint64_t), '\xff'); }));
  }
  return cells;
}

Result<std::vector<KeyIndex::Match>> KeyIndex::Find(const arrow::RecordBatch& batch) const {
  CORESHED_ASSIGN(const auto keys, DenseColumns(batch, FirstColumns(batch.num_columns())));
  std::vector<uint64_t> hashes(static_cast<size_t>(batch.num_rows()));
  CORESHED_TRY(CutHashes(*keys, FirstColumns(keys->num_columns()), 0, hashes));
  std::vector<Match> matches;
  for (size_t row = 0; row < hashes.size(); ++row) {
    const size_t bit = SieveBit(hashes[row]);
    if ((sieve_[bit / 64] >> (bit % 64) & 1) == 0) continue;
    const auto [first, last] = rows_by_hash_.equal_range(hashes[row]);
    if (first == last) continue;
    CORESHED_ASSIGN(const auto cells, CellsOf(*keys, static_cast<int64_t>(row)));
    for (auto own = first; own != last; ++own) {
      if (cells_[static_cast<size_t>(own->second)] != cells) continue;
      matches.push_back({static_cast<int64_t>(row), own->second});
    }
  }
  return matches;
}

std::shared_ptr<arrow::Array> KeyIndex::key_column(int n) const {
  return keys_->column(n);
}

std::string KeyIndex::Describe(int64_t row) const {
  std::string text;
  for (int column = 0; column < keys_->num_columns(); ++column) {
    const auto value = keys_->column(column)->GetScalar(row);
    text += (text.empty() ? "" : ", ") + keys_->column_name(column) + " " +
            (value.ok() ? value.ValueUnsafe()->ToString() : "?");
  }
  return text;
}

}  // namespace coreshed::parts

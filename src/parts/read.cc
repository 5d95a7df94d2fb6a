#include "parts/read.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/chunked_array.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/conform.h"
#include "parts/table_source.h"
#include "parts/types.h"
#include "parts/worker_pool.h"

namespace coreshed::parts {
namespace {

/// Tasks for each thread: columns differ much in what they cost.
constexpr size_t kTasksPerThread = 6;

/// Some parts of one file that are read together, in the order of the version.
struct Piece {
  int64_t file = 0;
  std::vector<int> parts;
  std::vector<size_t> places;  ///< where they stand in the version
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  std::vector<std::vector<Hash256>> hashes;  ///< by column, then by part
};

Result<std::shared_ptr<arrow::Table>> EmptyTable(const std::shared_ptr<arrow::Schema>& schema) {
  arrow::ArrayVector columns;
  for (const auto& field : schema->fields()) {
    // Arrow makes no empty arrays of extension types that are not registered.
    CORESHED_ARROW_ASSIGN(const auto empty, arrow::MakeEmptyArray(StorageType(field->type())),
                          "reading a table");
    CORESHED_ASSIGN(auto column, Conform(empty, field->type()));
    columns.push_back(std::move(column));
  }
  return arrow::Table::Make(schema, std::move(columns), 0);
}

/// Reads a table whole: each task decodes one column of one piece.
class TableReader {
 public:
  TableReader(std::shared_ptr<const TableSource> source, int threads)
      : source_(std::move(source)), threads_(threads) {}

  Result<std::shared_ptr<arrow::Table>> Read();

 private:
  void MakePieces();
  Result<void> ReadPieces();
  Result<void> CheckPieces() const;
  std::shared_ptr<arrow::ChunkedArray> Assemble(size_t column) const;

  const std::shared_ptr<const TableSource> source_;
  const int threads_;
  std::vector<Piece> pieces_;
};

void TableReader::MakePieces() {
  const auto& places = source_->places();
  const auto columns = static_cast<size_t>(source_->schema()->num_fields());
  const size_t wanted =
      threads_ > 1 ? static_cast<size_t>(threads_) * kTasksPerThread / columns : 0;
  const size_t piece_parts = places.size() / (wanted + 1) + 1;
  std::vector<std::vector<size_t>> by_file;
  for (size_t i = 0; i < places.size(); ++i) {
    const auto file = static_cast<size_t>(places[i].file);
    if (by_file.size() <= file) by_file.resize(file + 1);
    by_file[file].push_back(i);
  }
  for (const auto& in_file : by_file) {
    for (size_t begin = 0; begin < in_file.size(); begin += piece_parts) {
      Piece piece;
      for (size_t i = begin; i < std::min(begin + piece_parts, in_file.size()); ++i) {
        const auto& place = places[in_file[i]];
        piece.file = place.file;
        piece.parts.push_back(static_cast<int>(place.part));
        piece.places.push_back(in_file[i]);
      }
      piece.columns.resize(columns);
      piece.hashes.assign(columns, std::vector<Hash256>(piece.parts.size()));
      pieces_.push_back(std::move(piece));
    }
  }
}

Result<void> TableReader::ReadPieces() {
  WorkerPool pool(pieces_.size() * pieces_[0].columns.size() > 1 ? threads_ : 1);
  for (auto& piece : pieces_) {
    for (size_t column = 0; column < piece.columns.size(); ++column) {
      pool.Run([this, &piece, column]() -> Result<void> {
        CORESHED_ASSIGN(piece.columns[column],
                        source_->ReadColumn(static_cast<int>(column), piece.file, piece.parts,
                                            piece.hashes[column]));
        return {};
      });
    }
  }
  return pool.Wait();
}

Result<void> TableReader::CheckPieces() const {
  for (const auto& piece : pieces_) {
    std::vector<Hash256> hashes(piece.columns.size());
    for (size_t i = 0; i < piece.parts.size(); ++i) {
      for (size_t column = 0; column < hashes.size(); ++column) {
        hashes[column] = piece.hashes[column][i];
      }
      CORESHED_TRY(source_->CheckHashes({piece.file, piece.parts[i]}, hashes));
    }
  }
  return {};
}

/// A column's parts from all pieces in the order of the version; neighbours stay together.
std::shared_ptr<arrow::ChunkedArray> TableReader::Assemble(size_t column) const {
  struct Stretch {
    const Piece* piece;
    int64_t begin, rows;
  };
  std::vector<Stretch> parts(source_->places().size());
  for (const auto& piece : pieces_) {
    int64_t begin = 0;
    for (size_t i = 0; i < piece.parts.size(); ++i) {
      const int64_t rows = source_->rows({piece.file, piece.parts[i]});
      parts[piece.places[i]] = {&piece, begin, rows};
      begin += rows;
    }
  }
  arrow::ArrayVector chunks;
  for (size_t i = 0; i < parts.size();) {
    auto stretch = parts[i++];
    while (i < parts.size() && parts[i].piece == stretch.piece &&
           parts[i].begin == stretch.begin + stretch.rows) {
      stretch.rows += parts[i++].rows;
    }
    const auto slice = stretch.piece->columns[column]->Slice(stretch.begin, stretch.rows);
    chunks.insert(chunks.end(), slice->chunks().begin(), slice->chunks().end());
  }
  return std::make_shared<arrow::ChunkedArray>(
      std::move(chunks), source_->schema()->field(static_cast<int>(column))->type());
}

Result<std::shared_ptr<arrow::Table>> TableReader::Read() {
  if (source_->places().empty()) return EmptyTable(source_->schema());
  if (source_->places().size() == 1) {
    // One part is read at once: for a small table, starting a thread is dear.
    CORESHED_ASSIGN(const auto rows, source_->ReadPart(source_->places()[0]));
    return arrow::Table::Make(rows->schema(), rows->columns(), rows->num_rows());
  }
  MakePieces();
  source_->WillRead(source_->places());
  CORESHED_TRY(ReadPieces());
  CORESHED_TRY(CheckPieces());
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  int64_t rows = 0;
  for (const auto& place : source_->places())
    rows += source_->rows(place);
  for (int i = 0; i < source_->schema()->num_fields(); ++i) {
    columns.push_back(Assemble(static_cast<size_t>(i)));
  }
  return arrow::Table::Make(source_->schema(), std::move(columns), rows);
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> ReadTable(const ReadRequest& request,
                                                storage::Storage& storage) {
  CORESHED_ASSIGN(auto source, TableSource::Open(request, storage));
  return TableReader(std::move(source), request.threads).Read();
}

}  // namespace coreshed::parts

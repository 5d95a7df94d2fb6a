#include "sources/csv_split.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv_values.h"

namespace coreshed::sources {
namespace {

constexpr size_t kPiece = size_t{1} << 20;
constexpr size_t kRowsMax = 2'048;
constexpr size_t kCellsMax = size_t{4} << 20;
constexpr size_t kHeldMax = size_t{8} << 20;
constexpr std::string_view kBom = "\xEF\xBB\xBF";

char* SkipBlanks(char* at, const char* end) {
  while (at < end && *at == ' ')
    ++at;
  return at;
}

}  // namespace

void SplitRows::Hold(const std::shared_ptr<std::string>& bytes) {
  if (!held_.empty() && held_.back() == bytes) return;
  held_.push_back(bytes);
  held_bytes_ += bytes->size();
}

bool SplitRows::is_full() const {
  return rows_ == rows_max_ || held_bytes_ >= kHeldMax;
}

std::string_view CsvField::Take() const {
  if (!has_doubled) return {begin, size};
  char* to = begin;
  for (const char* from = begin; from < begin + size; ++from) {
    *to++ = *from;
    if (*from == '"') ++from;
  }
  return {begin, static_cast<size_t>(to - begin)};
}

CsvFields::CsvFields(char delimiter) : delimiter_(delimiter) {
  for (const char c : {delimiter, '\n', '\r'})
    ends_field_[static_cast<uint8_t>(c)] = true;
}

char* CsvFields::Find(char* at, char* end, bool is_last, std::vector<CsvField>* fields) const {
  fields->clear();
  while (true) {
    CsvField field;
    at = FindField(at, end, is_last, &field);
    if (at == nullptr) return nullptr;
    fields->push_back(field);
    if (at == end) return at;
    if (*at++ == delimiter_) continue;
    if (at[-1] != '\r') return at;
    if (at == end) return is_last ? at : nullptr;  // \n may come
    return *at == '\n' ? at + 1 : at;
  }
}

/// Returns what ends the field: a delimiter, a line break, or the end of the file.
char* CsvFields::FindField(char* at, char* end, bool is_last, CsvField* field) const {
  char* const begin = at;
  at = SkipBlanks(at, end);
  if (at < end && *at == '"') return FindQuoted(at + 1, end, is_last, field);
  while (at < end && !ends_field_[static_cast<uint8_t>(*at)])
    ++at;
  if (at == end && !is_last) return nullptr;
  *field = {begin, static_cast<size_t>(at - begin)};
  return at;
}

char* CsvFields::FindQuoted(char* at, char* end, bool is_last, CsvField* field) {
  *field = {at, 0, true};
  while (true) {
    at = static_cast<char*>(std::memchr(at, '"', static_cast<size_t>(end - at)));
    if (at == nullptr || (at + 1 == end && !is_last)) return nullptr;
    if (at + 1 == end || at[1] != '"') break;
    field->has_doubled = true;
    at += 2;
  }
  field->size = static_cast<size_t>(at - field->begin);
  at = SkipBlanks(at + 1, end);
  return at == end && !is_last ? nullptr : at;
}

CsvSplitter::CsvSplitter(const InputFile& input, const CsvShape& shape, NaRule na)
    : input_(input),
      columns_(shape.names.size()),
      rows_max_(std::clamp<size_t>(kCellsMax / columns_, 1, kRowsMax)),
      na_(std::move(na)),
      finder_(shape.delimiter),
      bytes_(std::make_shared<std::string>()) {}

/// Put what follows behind what is left; what was taken may still be in use, so it stays where it
/// is.
Result<void> CsvSplitter::ReadOn() {
  auto bytes = std::make_shared<std::string>(*bytes_, at_);
  const auto size = static_cast<int64_t>(std::max(kPiece, bytes->size()));
  CORESHED_ARROW_ASSIGN(const auto piece, input_.file()->ReadAt(offset_, size),
                        "reading " + input_.label());
  if (piece->size() == 0) return input_.Changed();
  std::string_view more(*piece);
  if (offset_ == 0 && more.starts_with(kBom)) more.remove_prefix(kBom.size());
  offset_ += piece->size();
  bytes->append(more);
  bytes_ = std::move(bytes);
  at_ = 0;
  return {};
}

/// False: there is no further record.
Result<bool> CsvSplitter::FindRecord() {
  while (true) {
    const bool is_last = offset_ >= input_.size();
    if (is_last && at_ == bytes_->size()) return false;
    char* const begin = bytes_->data();
    char* const next = finder_.Find(begin + at_, begin + bytes_->size(), is_last, &fields_);
    if (next == nullptr) {
      CORESHED_TRY(ReadOn());
      continue;
    }
    at_ = static_cast<size_t>(next - begin);
    const bool is_blank = fields_.size() == 1 && fields_[0].size == 0 && !fields_[0].is_quoted;
    if (is_blank && (in_header_ || columns_ != 1)) continue;
    if (!std::exchange(in_header_, false)) return true;
  }
}

bool CsvSplitter::IsNull(const CsvField& field, size_t column) const {
  if (field.is_quoted) return false;
  const std::string_view text(field.begin, field.size);
  if (text.empty() || (na_.everywhere && text == "NA")) return true;
  return !na_.in_columns.empty() && na_.in_columns[column] && TrimBlanks(text) == "NA";
}

void CsvSplitter::Take(SplitRows* rows) {
  const size_t count = std::min(columns_, fields_.size());
  for (size_t column = 0; column < count; ++column) {
    if (!IsNull(fields_[column], column)) rows->Set(column, fields_[column].Take());
  }
  rows->EndRow();
}

Result<std::unique_ptr<SplitRows>> CsvSplitter::Next() {
  auto rows = std::make_unique<SplitRows>(columns_, rows_max_);
  while (!rows->is_full()) {
    CORESHED_ASSIGN(const bool found, FindRecord());
    if (!found) break;
    Take(rows.get());
    rows->Hold(bytes_);
  }
  if (rows->rows() == 0) rows.reset();
  return rows;
}

}  // namespace coreshed::sources

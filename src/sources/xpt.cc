#include <arrow/api.h>
#include <arrow/buffer.h>
#include <arrow/io/file.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/sas.h"
#include "sources/sas_columns.h"
#include "sources/xpt_header.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;

/// A number in base 16: a sign, 7 bits of an exponent, up to 56 of a fraction.
struct IbmNumber {
  std::optional<double> value;  ///< none: missing
  char missing = 0;             ///< as which letter; 0: the bytes are none
  bool rounded = false;
};

IbmNumber ReadIbm(std::string_view bytes) {
  uint64_t bits = 0;
  for (const char c : bytes)
    bits = bits << 8 | static_cast<unsigned char>(c);
  bits <<= 8 * (8 - bytes.size());
  const uint64_t fraction = bits & 0x00FF'FFFF'FFFF'FFFF;
  const bool negative = bits >> 63 != 0;
  if (fraction != 0) {
    constexpr int kFractionBits = 56, kBias = 64, kDoubleBits = 53;
    const int exponent = 4 * (static_cast<int>(bits >> 56 & 0x7F) - kBias) - kFractionBits;
    const double value = std::ldexp(static_cast<double>(fraction), exponent);
    const int used = static_cast<int>(std::bit_width(fraction)) - std::countr_zero(fraction);
    return {negative ? -value : value, 0, used > kDoubleBits};
  }
  const auto first = static_cast<unsigned char>(bits >> 56);
  if (first == 0 || first == 0x80) return {negative ? -0.0 : 0.0, 0, false};
  const bool letter = (first >= 'A' && first <= 'Z') || first == '_' || first == '.';
  return {std::nullopt, letter ? static_cast<char>(first) : '\0', false};
}

/// What one reading of all rows counts.
struct XptCounts {
  std::vector<SasMissing>* missing;
  int64_t rounded = 0;
};

/// The rows of a data set, raw.
class XptRows : public arrow::RecordBatchReader {
 public:
  XptRows(std::shared_ptr<InputFile> input, XptMember member, const OpenFileOptions& options,
          XptCounts* counts)
      : input_(std::move(input)),
        member_(std::move(member)),
        schema_(member_.dataset.RawSchema()),
        stop_(options.stop),
        counts_(counts) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    auto next = Next();
    if (!next) return ToArrow(next.error());
    *batch = std::move(*next);
    return arrow::Status::OK();
  }

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> Next();
  Result<std::shared_ptr<arrow::Array>> Numbers(std::string_view rows, int64_t count, int64_t at,
                                                size_t index);
  Result<std::shared_ptr<arrow::Array>> Texts(std::string_view rows, int64_t count, int64_t at,
                                              size_t index);
  Error Fault(int64_t row, size_t index, const std::string& what) const;

  const std::shared_ptr<InputFile> input_;
  const XptMember member_;
  const std::shared_ptr<arrow::Schema> schema_;
  const std::stop_token stop_;
  XptCounts* const counts_;  ///< nullptr: they are known
  int64_t row_ = 0;          ///< the next
};

Error XptRows::Fault(int64_t row, size_t index, const std::string& what) const {
  return Error{ErrorKind::kValidation, input_->label() + ", row " + std::to_string(row_ + row + 1) +
                                           ", variable " + std::to_string(index + 1) + ": " + what}
      .With("file", input_->label())
      .With("row", std::to_string(row_ + row + 1));
}

Result<std::shared_ptr<arrow::RecordBatch>> XptRows::Next() {
  if (stop_.stop_requested()) {
    return Error{ErrorKind::kCancelled, "Reading " + input_->label() + " was cancelled."};
  }
  const auto& variables = member_.dataset.variables;
  // A value takes as much in the batch, but a number at least 8 bytes and a text 4.
  const int64_t row_bytes = member_.row_bytes + 8 * static_cast<int64_t>(variables.size());
  const int64_t count =
      std::min({kBatchRows, member_.rows - row_, std::max<int64_t>(1, kBatchBytes / row_bytes)});
  if (count == 0) return std::shared_ptr<arrow::RecordBatch>();
  const int64_t size = count * member_.row_bytes;
  CORESHED_ARROW_ASSIGN(const auto bytes,
                        input_->file()->ReadAt(member_.offset + row_ * member_.row_bytes, size),
                        "reading " + input_->label());
  if (bytes->size() != size) {
    return Error{ErrorKind::kConflict, input_->label() + " has become shorter while being read."};
  }
  const std::string_view rows(reinterpret_cast<const char*>(bytes->data()),
                              static_cast<size_t>(size));
  arrow::ArrayVector arrays;
  int64_t at = 0;
  for (size_t i = 0; i < variables.size(); ++i) {
    CORESHED_ASSIGN(auto array,
                    variables[i].is_text ? Texts(rows, count, at, i) : Numbers(rows, count, at, i));
    arrays.push_back(std::move(array));
    at += variables[i].width;
  }
  row_ += count;
  return arrow::RecordBatch::Make(schema_, count, std::move(arrays));
}

Result<std::shared_ptr<arrow::Array>> XptRows::Numbers(std::string_view rows, int64_t count,
                                                       int64_t at, size_t index) {
  const auto width = static_cast<size_t>(member_.dataset.variables[index].width);
  arrow::DoubleBuilder builder;
  CORESHED_ARROW_TRY(builder.Reserve(count), "reading " + input_->label());
  for (int64_t row = 0; row < count; ++row) {
    const auto offset = static_cast<size_t>(row * member_.row_bytes + at);
    const IbmNumber number = ReadIbm(rows.substr(offset, width));
    if (number.value) {
      builder.UnsafeAppend(*number.value);
      if (counts_ != nullptr && number.rounded) ++counts_->rounded;
    } else if (number.missing != 0) {
      builder.UnsafeAppendNull();
      if (counts_ != nullptr) (*counts_->missing)[index].Add(number.missing);
    } else {
      return Fault(row, index, "bytes that are no number. The file is damaged.");
    }
  }
  CORESHED_ARROW_ASSIGN(auto array, builder.Finish(), "reading " + input_->label());
  return array;
}

Result<std::shared_ptr<arrow::Array>> XptRows::Texts(std::string_view rows, int64_t count,
                                                     int64_t at, size_t index) {
  const auto width = static_cast<size_t>(member_.dataset.variables[index].width);
  arrow::BinaryBuilder builder;
  for (int64_t row = 0; row < count; ++row) {
    const auto offset = static_cast<size_t>(row * member_.row_bytes + at);
    const auto text = TrimSasText(rows.substr(offset, width));
    if (text.find('\0') != text.npos) {
      return Fault(row, index, "a text with a zero byte in it, which no column takes.");
    }
    CORESHED_ARROW_TRY(text.empty() ? builder.AppendNull() : builder.Append(text),
                       "reading " + input_->label());
  }
  CORESHED_ARROW_ASSIGN(auto array, builder.Finish(), "reading " + input_->label());
  return array;
}

/// Reads all rows of a data set, for what they tell about its columns; returns how many numbers
/// were rounded.
Result<int64_t> WatchRows(const std::shared_ptr<InputFile>& input, const XptMember& member,
                          const OpenFileOptions& options, SasColumns* columns) {
  XptCounts counts{&columns->missing()};
  XptRows rows(input, member, options, &counts);
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    CORESHED_ARROW_TRY(rows.ReadNext(&batch), "reading " + input->label());
    if (batch == nullptr) return counts.rounded;
    columns->Watch(*batch);
  }
}

Result<GivenEncoding> EncodingOf(const InputFile& input, const OpenFileOptions& options) {
  CORESHED_ASSIGN(const auto given, EncodingNamed(options.encoding));
  if (given != GivenEncoding::kUtf16) return given;
  return Error{ErrorKind::kInvalidArgument,
               input.label() + " is a SAS transport file, which is never UTF-16."};
}

/// What a person should know of one data set, beside how its texts were decoded.
void WarnOf(const std::string& label, const XptMember& member, const SasColumns& columns,
            int64_t rounded, std::vector<std::string>* warnings) {
  if (rounded > 0) {
    warnings->push_back(label + " has " + std::to_string(rounded) +
                        " number(s) of more digits than a double holds: they are rounded.");
  }
  if (member.blank_rows > 0) {
    warnings->push_back(label + " ends in blanks, which may be what fills up the file or rows of " +
                        "blanks: " + std::to_string(member.blank_rows) + " row(s) are left out.");
  }
  auto own = columns.Warnings(label);
  std::move(own.begin(), own.end(), std::back_inserter(*warnings));
}

}  // namespace

Result<OpenedTables> OpenXpt(std::shared_ptr<InputFile> input, const OpenFileOptions& options) {
  CORESHED_ASSIGN(const auto given, EncodingOf(*input, options));
  CORESHED_ASSIGN(auto members, ReadXptHeaders(*input, options));
  const auto texts = std::make_shared<SasTexts>(input->label(), std::string(), given);
  std::vector<std::shared_ptr<SasColumns>> all;
  std::vector<int64_t> rounded;
  for (const auto& member : members) {
    all.push_back(std::make_shared<SasColumns>(input->label(), member.dataset, texts));
    CORESHED_ASSIGN(const int64_t count, WatchRows(input, member, options, all.back().get()));
    rounded.push_back(count);
  }
  CORESHED_TRY(texts->Settle());
  OpenedTables opened;
  opened.warnings = texts->Warnings();
  std::set<std::string> names;
  for (size_t i = 0; i < members.size(); ++i) {
    auto& columns = all[i];
    CORESHED_TRY(columns->Settle());
    const bool is_only = members.size() == 1;
    WarnOf(is_only ? input->label() : input->label() + ", data set '" + columns->name() + "'",
           members[i], *columns, rounded[i], &opened.warnings);
    const std::string name = is_only ? input->stem() : columns->name();
    if (name.empty()) {
      return Error{ErrorKind::kValidation, input->label() + " has a data set without a name."}.With(
          "file", input->label());
    }
    if (!names.insert(name).second) {
      return Error{ErrorKind::kValidation,
                   input->label() + " has more than one data set '" + name + "'."}
          .With("file", input->label());
    }
    auto rows = std::make_shared<XptRows>(input, std::move(members[i]), options, nullptr);
    opened.tables.push_back({name, nullptr, MakeSasReader(input, std::move(rows), columns)});
  }
  return opened;
}

}  // namespace coreshed::sources

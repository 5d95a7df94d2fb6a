#include "sources/json_rows.h"

#include <arrow/api.h>

#include <map>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kValueBytes = 16;  // of nearly all types; texts: beside their bytes
/// A line of 64 MiB with lists of objects may ask for any number of nulls.
constexpr int64_t kRowBytesMax = int64_t{1} << 30;

/// The types were found in another content of the file.
Error Changed() {
  return Error{ErrorKind::kConflict,
               "the file was changed while it was being read. Try again when it is complete."};
}

}  // namespace

/// The array of one place. Nulls of keys that objects do not have are added late, many at once.
class JsonRows::Cells {
 public:
  explicit Cells(const JsonNode& node) : node_(node) {
    width_ = 1;
    if (node.is_object()) {
      std::vector<std::shared_ptr<arrow::ArrayBuilder>> builders;
      width_ = 0;
      for (const auto& field : node.fields()) {
        fields_.push_back(std::make_unique<Cells>(*field));
        by_name_.emplace(field->name(), fields_.back().get());
        builders.push_back(fields_.back()->builder_);
        width_ += fields_.back()->width_;
      }
      builder_ = std::make_shared<arrow::StructBuilder>(node.type(), arrow::default_memory_pool(),
                                                        std::move(builders));
    } else if (node.is_list()) {
      items_ = std::make_unique<Cells>(*node.items());
      builder_ = std::make_shared<arrow::ListBuilder>(arrow::default_memory_pool(),
                                                      items_->builder_, node.type());
    } else {
      builder_ = arrow::MakeBuilder(node.type()).ValueOrDie();  // fails for no type of ours
    }
  }

  int64_t length() const { return builder_->length(); }
  int64_t width() const { return width_; }
  Cells* items() const { return items_.get(); }
  /// Null: there is none.
  Cells* Field(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found != by_name_.end() ? found->second : nullptr;
  }
  bool Is(JsonKind kind) const {
    return kind == JsonKind::kList ? node_.is_list() : node_.is_object();
  }

  arrow::Status Begin() {
    if (items_ != nullptr) return static_cast<arrow::ListBuilder&>(*builder_).Append();
    return static_cast<arrow::StructBuilder&>(*builder_).Append();
  }
  arrow::Status Append(JsonKind kind, std::string_view text) {
    const auto& parser = node_.parser();
    const bool as_csv = parser != nullptr || node_.stands_for_values();
    const std::string number =
        kind == JsonKind::kNumber && as_csv ? CsvNumber(text) : std::string();
    if (!number.empty()) text = number;
    if (parser == nullptr) return static_cast<arrow::StringBuilder&>(*builder_).Append(text);
    return parser->Append(text, builder_.get());
  }
  arrow::Status AppendNulls(int64_t count) {
    if (fields_.empty()) return builder_->AppendNulls(count);
    // Their own AppendNulls would give the fields values.
    for (int64_t i = 0; i < count; ++i) {
      ARROW_RETURN_NOT_OK(static_cast<arrow::StructBuilder&>(*builder_).Append(false));
    }
    return arrow::Status::OK();
  }
  /// Nulls up to a length, here and in all fields below.
  arrow::Status FillUp(int64_t count) {
    ARROW_RETURN_NOT_OK(AppendNulls(count - length()));
    for (const auto& field : fields_)
      ARROW_RETURN_NOT_OK(field->FillUp(length()));
    return items_ != nullptr ? items_->FillUp(items_->length()) : arrow::Status::OK();
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() {
    ARROW_RETURN_NOT_OK(FillUp(length()));
    return builder_->Finish();
  }

 private:
  const JsonNode& node_;
  std::shared_ptr<arrow::ArrayBuilder> builder_;
  std::vector<std::unique_ptr<Cells>> fields_;
  std::map<std::string_view, Cells*> by_name_;
  std::unique_ptr<Cells> items_;
  int64_t width_ = 0;  ///< the values that one of it has, lists being one
};

JsonRows::JsonRows(const JsonNode& row) : row_(std::make_unique<Cells>(row)), place_(row_.get()) {}
JsonRows::~JsonRows() = default;

int64_t JsonRows::rows() const {
  return row_->length();
}

/// Whether the place was counted with the object around it.
bool JsonRows::has_room() const {
  return !open_.empty() && open_.back()->items() == nullptr;
}

Result<void> JsonRows::Count(int64_t bytes) {
  bytes_ += bytes;
  row_bytes_ += bytes;
  if (row_bytes_ <= kRowBytesMax) return {};
  return Error{ErrorKind::kValidation,
               "a row that takes more than 1 GiB, by the nulls in its lists of objects."};
}

Result<void> JsonRows::Begin(JsonKind kind) {
  if (!place_->Is(kind)) return Changed();
  CORESHED_ARROW_TRY(place_->Begin(), "JSON");
  if (open_.empty()) row_bytes_ = 0;
  CORESHED_TRY(Count(has_room() ? 0 : place_->width() * kValueBytes));
  open_.push_back(place_);
  if (kind == JsonKind::kList) place_ = place_->items();
  return {};
}

Result<void> JsonRows::End() {
  place_ = open_.back();
  open_.pop_back();
  return {};
}

Result<void> JsonRows::Key(std::string_view key) {
  const Cells& object = *open_.back();
  place_ = object.Field(key);
  if (place_ == nullptr) return Changed();
  const int64_t missing = object.length() - 1 - place_->length();
  if (missing < 0) return Changed();
  CORESHED_ARROW_TRY(place_->AppendNulls(missing), "JSON");
  return {};
}

Result<void> JsonRows::Value(JsonKind kind, std::string_view text) {
  if (kind == JsonKind::kNull) {
    CORESHED_TRY(Count(has_room() ? 0 : place_->width() * kValueBytes));
    CORESHED_ARROW_TRY(place_->AppendNulls(1), "JSON");
    return {};
  }
  if (place_->Is(JsonKind::kList) || place_->Is(JsonKind::kObject)) return Changed();
  CORESHED_TRY(Count(kValueBytes + static_cast<int64_t>(text.size())));
  if (!place_->Append(kind, text).ok()) return Changed();
  return {};
}

Result<std::shared_ptr<arrow::RecordBatch>> JsonRows::Finish() {
  bytes_ = 0;
  CORESHED_ARROW_ASSIGN(const auto rows, row_->Finish(), "JSON");
  CORESHED_ARROW_ASSIGN(auto batch, arrow::RecordBatch::FromStructArray(rows), "JSON");
  return batch;
}

}  // namespace coreshed::sources

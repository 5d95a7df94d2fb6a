#include "sources/json_types.h"

#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/csv_types.h"
#include "sources/csv_values.h"
#include "sources/wanted_types.h"

namespace coreshed::sources {
namespace {

constexpr size_t kExactDigits = 15;  // a double holds any whole number of so many digits
constexpr size_t kNameBytesMax = 1'000;
constexpr std::array kKinds = {JsonKind::kBool, JsonKind::kNumber, JsonKind::kText, JsonKind::kList,
                               JsonKind::kObject};

size_t Index(JsonKind kind) {
  return static_cast<size_t>(kind);
}
bool IsScalar(JsonKind kind) {
  return kind != JsonKind::kList && kind != JsonKind::kObject;
}

/// Whether a column that had this type before takes this kind of values at all.
bool Suits(const arrow::DataType& type, JsonKind kind) {
  if (arrow::is_decimal(type.id())) return kind == JsonKind::kNumber || kind == JsonKind::kText;
  if (arrow::is_integer(type.id()) || arrow::is_floating(type.id())) {
    return kind == JsonKind::kNumber;
  }
  return kind == (type.id() == arrow::Type::BOOL ? JsonKind::kBool : JsonKind::kText);
}

bool Takes(const CsvParser& parser, JsonKind kind, std::string_view text) {
  return !text.empty() && parser.Takes(kind == JsonKind::kNumber ? CsvNumber(text) : text);
}

const arrow::StructType* AsStruct(const std::shared_ptr<arrow::DataType>& type) {
  const bool is = type != nullptr && type->id() == arrow::Type::STRUCT;
  return is ? static_cast<const arrow::StructType*>(type.get()) : nullptr;
}

/// What values make a column of a type: text, for all that are no lists or objects.
JsonKind KindOf(const std::shared_ptr<arrow::DataType>& type) {
  if (AsStruct(type) != nullptr) return JsonKind::kObject;
  return type != nullptr && type->id() == arrow::Type::LIST ? JsonKind::kList : JsonKind::kText;
}

std::shared_ptr<arrow::DataType> TypeOf(const std::shared_ptr<arrow::Field>& field) {
  return field != nullptr ? field->type() : nullptr;
}

}  // namespace

JsonNode::JsonNode(const JsonNode* parent, std::string name, std::shared_ptr<arrow::DataType> like)
    : parent_(parent), name_(std::move(name)), like_(std::move(like)) {
  if (like_ == nullptr) return;
  parser_ = CsvParser::Of(like_);
  like_lives_ = parser_ != nullptr || IsTextType(*like_);
}

Result<void> JsonNode::Give(const std::shared_ptr<arrow::DataType>& type) {
  parser_ = CsvParser::Of(type);
  if (parser_ == nullptr && !IsTextType(*type)) {
    return Error{ErrorKind::kUnsupported,
                 "column '" + name_ + "': no value of JSON is read as " + type->ToString()}
        .With("column", name_);
  }
  given_ = parser_ != nullptr ? type : arrow::utf8();
  return {};
}

void JsonNode::TakeCells() {
  are_cells_ = true;
  is_like_text_ = like_ != nullptr && IsTextType(*like_);
  like_lives_ = false;
}

/// What messages call the place: column.field, column[].
std::string JsonNode::Path() const {
  if (parent_ == nullptr) return "";
  if (parent_->items_.get() == this) return parent_->Path() + "[]";
  const std::string above = parent_->Path();
  return above.empty() ? name_ : above + "." + name_;
}

JsonNode* JsonNode::Field(std::string_view name, bool* is_new) {
  const auto found = by_name_.find(name);
  *is_new = found == by_name_.end();
  if (!*is_new) return found->second;
  const auto* type = AsStruct(like_);
  auto like = type != nullptr ? TypeOf(type->GetFieldByName(std::string(name))) : nullptr;
  fields_.push_back(std::make_unique<JsonNode>(this, std::string(name), std::move(like)));
  JsonNode* field = fields_.back().get();
  by_name_.emplace(field->name_, field);
  return field;
}

JsonNode* JsonNode::Items() {
  if (items_ == nullptr) {
    items_ = std::make_unique<JsonNode>(
        this, "item",
        KindOf(like_) == JsonKind::kList ? static_cast<const arrow::ListType&>(*like_).value_type()
                                         : nullptr);
  }
  return items_.get();
}

bool JsonNode::LikeTakes(JsonKind kind, std::string_view text) const {
  if (!IsScalar(kind)) return false;
  return parser_ == nullptr || (Suits(*like_, kind) && Takes(*parser_, kind, text));
}

Result<void> JsonNode::Add(JsonKind kind, std::string_view text, int64_t line) {
  if (kind == JsonKind::kNull) return {};
  if (given_ != nullptr) {
    if (IsScalar(kind) && (parser_ == nullptr || Takes(*parser_, kind, text))) return {};
    const bool is_short = IsScalar(kind) && text.size() <= kShownBytes;
    const std::string shown = is_short ? "'" + std::string(text) + "'" : JsonKindName(kind);
    return Error{ErrorKind::kValidation, shown + " is no " + NameOfGiven(*given_) +
                                             ", which column '" + name_ + "' must be"}
        .With("column", name_);
  }
  auto& first = first_line_[Index(kind)];
  if (first == 0) first = line;
  if (are_cells_) return {};
  like_lives_ = like_lives_ && LikeTakes(kind, text);
  if (kind == JsonKind::kNumber) AddNumber(text, line);
  return {};
}

void JsonNode::AddNumber(std::string_view text, int64_t line) {
  if (inexact_line_ != 0) return;
  const bool is_whole = ParseWhole(text).has_value();
  are_whole_ = are_whole_ && is_whole;
  are_unsigned_ = are_unsigned_ && ParseWholeUnsigned(text).has_value();
  if (are_fractions_ && !(is_whole && text.size() <= kExactDigits)) {
    are_fractions_ = ParseFraction(CsvNumber(text)).has_value();
  }
  if (!are_whole_ && !are_unsigned_ && !are_fractions_) inexact_line_ = line;
}

Error JsonNode::Mixed() const {
  std::string kinds;
  for (const auto kind : kKinds) {
    const int64_t line = first_line_[Index(kind)];
    if (line == 0) continue;
    kinds += (kinds.empty() ? "" : ", ") + std::string(JsonKindName(kind)) + " in line " +
             std::to_string(line);
  }
  std::string message =
      "column '" + Path() + "' has no one type: " + kinds + ". Write its values alike";
  const bool has_scalars_only =
      first_line_[Index(JsonKind::kList)] == 0 && first_line_[Index(JsonKind::kObject)] == 0;
  const bool is_column = parent_ != nullptr && parent_->parent_ == nullptr;
  if (has_scalars_only && is_column) message += ", or give it the type string";
  return Error{ErrorKind::kValidation, message + "."}.With("column", Path());
}

std::shared_ptr<arrow::DataType> JsonNode::NumberType(std::vector<std::string>* warnings) const {
  if (are_whole_) return arrow::int64();
  if (are_unsigned_) return arrow::uint64();
  if (are_fractions_) return arrow::float64();
  warnings->push_back("column '" + Path() + "' is text: in line " + std::to_string(inexact_line_) +
                      " is a number that no type of numbers holds with all before it.");
  return arrow::utf8();
}

Result<void> JsonNode::FindType(std::vector<std::string>* warnings) {
  if (given_ != nullptr) {
    type_ = given_;
    return {};
  }
  std::vector<JsonKind> kinds;
  for (const auto kind : kKinds) {
    if (first_line_[Index(kind)] != 0) kinds.push_back(kind);
  }
  if (like_lives_) {
    type_ = parser_ != nullptr ? like_ : arrow::utf8();
    return {};
  }
  const bool has_nested =
      first_line_[Index(JsonKind::kList)] != 0 || first_line_[Index(JsonKind::kObject)] != 0;
  if (are_cells_ && !kinds.empty() && !has_nested) {
    type_ = arrow::utf8();
    parser_ = nullptr;
    return {};
  }
  if (kinds.size() > 1) return Mixed();
  // Without values it may be what it was before.
  const auto kind = kinds.empty() ? KindOf(like_) : kinds[0];
  if (kind == JsonKind::kObject) return FindObjectType(warnings);
  if (kind == JsonKind::kList) return FindListType(warnings);
  FindValueType(kind, warnings);
  return {};
}

void JsonNode::FindValueType(JsonKind kind, std::vector<std::string>* warnings) {
  type_ = arrow::utf8();
  if (kind == JsonKind::kBool) type_ = arrow::boolean();
  if (kind == JsonKind::kNumber) type_ = NumberType(warnings);
  parser_ = CsvParser::Of(type_);
}

Result<void> JsonNode::FindListType(std::vector<std::string>* warnings) {
  is_list_ = true;
  CORESHED_TRY(Items()->FindType(warnings));
  type_ = arrow::list(items_->type_);
  return {};
}

/// The fields that an earlier version had, in its order; then those that are new.
void JsonNode::OrderLike() {
  const auto* type = AsStruct(like_);
  if (type == nullptr) return;
  bool is_new = false;
  for (const auto& field : type->fields()) {
    Field(field->name(), &is_new);
  }
  std::stable_sort(fields_.begin(), fields_.end(), [type](const auto& a, const auto& b) {
    const auto place = [type](const JsonNode& field) {
      const int index = type->GetFieldIndex(field.name_);
      return index < 0 ? type->num_fields() : index;
    };
    return place(*a) < place(*b);
  });
}

Result<void> JsonNode::FindObjectType(std::vector<std::string>* warnings) {
  is_object_ = true;
  if (parent_ != nullptr) OrderLike();
  if (fields_.empty()) {
    const std::string where = parent_ == nullptr
                                  ? "the objects of all lines are"
                                  : "column '" + Path() + "' has only objects that are";
    return Error{ErrorKind::kValidation, where + " empty, which makes no column."};
  }
  arrow::FieldVector fields;
  for (const auto& field : fields_) {
    CORESHED_TRY(field->FindType(warnings));
    fields.push_back(arrow::field(field->name_, field->type_));
  }
  type_ = arrow::struct_(std::move(fields));
  return {};
}

JsonTyper::JsonTyper(JsonTypes wanted, int64_t columns_max)
    : wanted_(std::move(wanted)),
      columns_max_(columns_max),
      row_(std::make_unique<JsonNode>(
          nullptr, "", wanted_.like != nullptr ? arrow::struct_(wanted_.like->fields()) : nullptr)),
      place_(row_.get()) {}

Result<void> JsonTyper::Begin(JsonKind kind) {
  CORESHED_TRY(place_->Add(kind, "", line_));
  open_.push_back(place_);
  if (kind == JsonKind::kObject) {
    place_->object = ++objects_;
  } else {
    place_ = place_->Items();
  }
  return {};
}

Result<void> JsonTyper::End() {
  // In a list the next value goes where this one went.
  place_ = open_.back();
  open_.pop_back();
  return {};
}

Result<void> JsonTyper::Key(std::string_view key) {
  if (key.empty() || key.size() > kNameBytesMax || HasControl(key)) {
    return Error{ErrorKind::kValidation,
                 "a key that no column can be called: it is empty, longer than 1,000 bytes, or has "
                 "control characters."};
  }
  JsonNode* object = open_.back();
  bool is_new = false;
  place_ = object->Field(key, &is_new);
  if (std::exchange(place_->seen_in, object->object) == object->object) {
    return Error{ErrorKind::kValidation, "the key '" + std::string(key) + "' comes twice."};
  }
  if (!is_new) return {};
  if (++nodes_ > columns_max_) {
    return Error{ErrorKind::kValidation, "more than " + std::to_string(columns_max_) +
                                             " columns, with the fields in them: the limit."}
        .With("limit", "columns");
  }
  if (object != row_.get()) return {};
  if (wanted_.as_cells) place_->TakeCells();
  if (const auto given = wanted_.given.find(place_->name()); given != wanted_.given.end()) {
    return place_->Give(given->second);
  }
  return {};
}

Result<void> JsonTyper::Value(JsonKind kind, std::string_view text) {
  return place_->Add(kind, text, line_);
}

Result<std::unique_ptr<JsonNode>> JsonTyper::Finish(std::vector<std::string>* warnings) {
  CORESHED_TRY(row_->FindType(warnings));
  return std::move(row_);
}

}  // namespace coreshed::sources

#include "commit/fields.h"

#include "base/hex.h"

namespace coreshed::commit {
namespace {

const nlohmann::json kEmptyObject = nlohmann::json::object();
const nlohmann::json kEmptyArray = nlohmann::json::array();

}  // namespace

Fields::Fields(const nlohmann::json& object, std::string where)
    : object_(object.is_object() ? object : kEmptyObject), where_(std::move(where)) {
  if (!object.is_object()) Fail("is no JSON object");
}

void Fields::Fail(const std::string& why) {
  if (fault_.empty()) fault_ = why;
}

const nlohmann::json* Fields::Find(const char* name, bool required) {
  const auto found = object_.find(name);
  if (found != object_.end() && !found->is_null()) return &*found;
  if (required) Fail(std::string("field '") + name + "' is missing");
  return nullptr;
}

bool Fields::Has(const char* name) const {
  const auto found = object_.find(name);
  return found != object_.end() && !found->is_null();
}

std::string Fields::Text(const char* name) {
  const auto* value = Find(name, true);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  Fail(std::string("field '") + name + "' is no text");
  return "";
}

std::string Fields::TextOr(const char* name, std::string otherwise) {
  return Has(name) ? Text(name) : std::move(otherwise);
}

int64_t Fields::Number(const char* name) {
  const auto* value = Find(name, true);
  if (value == nullptr) return 0;
  if (value->is_number_integer()) {
    const auto number = value->get<int64_t>();
    if (number >= 0) return number;
  }
  Fail(std::string("field '") + name + "' is no whole number from 0");
  return 0;
}

bool Fields::FlagOr(const char* name, bool otherwise) {
  if (!Has(name)) return otherwise;
  const auto* value = Find(name, true);
  if (value->is_boolean()) return value->get<bool>();
  Fail(std::string("field '") + name + "' is neither true nor false");
  return otherwise;
}

std::string Fields::Hex(const char* name, size_t digits) {
  std::string text = Text(name);
  if (ok() && !IsHex(text, digits)) {
    Fail(std::string("field '") + name + "' is not " + std::to_string(digits) + " hex digits");
  }
  return text;
}

const nlohmann::json& Fields::Object(const char* name) {
  const auto* value = Find(name, true);
  if (value != nullptr && value->is_object()) return *value;
  Fail(std::string("field '") + name + "' is no object");
  return kEmptyObject;
}

const nlohmann::json& Fields::Array(const char* name) {
  const auto* value = Find(name, true);
  if (value != nullptr && value->is_array()) return *value;
  Fail(std::string("field '") + name + "' is no array");
  return kEmptyArray;
}

Result<void> CheckFormat(Fields& object, const char* name, int64_t known) {
  const int64_t format = object.Number(name);
  if (object.ok() && format > known) {
    return Error{ErrorKind::kUnsupported, object.where() + " was written by a newer release (" +
                                              name + " " + std::to_string(format) +
                                              "): install that release"};
  }
  if (format < known) object.Fail(std::string("field '") + name + "' names no format");
  if (!object.ok()) return object.error();
  return {};
}

}  // namespace coreshed::commit

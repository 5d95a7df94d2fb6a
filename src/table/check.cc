#include "table/check.h"

#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "base/text.h"
#include "table/logical_type.h"

namespace coreshed::table {
namespace {

using arrow::FieldVector;
using arrow::Type;

/// What is wrong with a name, as the end of a sentence; empty if nothing is.
std::string NameFault(const std::string& name, int bytes_max) {
  if (name.empty()) return "has an empty name";
  if (name.size() > static_cast<size_t>(bytes_max)) {
    return "has a name of " + std::to_string(name.size()) + " bytes; at most " +
           std::to_string(bytes_max) + " are possible";
  }
  if (!IsUtf8(name)) return "has a name that isn't UTF-8";
  if (HasControl(name)) return "has control characters in its name";
  return "";
}

Error Invalid(const std::string& message) {
  return Error{ErrorKind::kValidation, message};
}

int64_t MetadataBytes(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata) {
  int64_t bytes = 0;
  for (int64_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
    bytes += static_cast<int64_t>(metadata->key(i).size() + metadata->value(i).size());
  }
  return bytes;
}

/// Walks the fields of one schema.
class NameChecker {
 public:
  /// `whole`: what the fields are of, for a person; `part`: what one of them is.
  Result<void> Named(const FieldVector& fields, const std::string& whole, const char* part,
                     int depth);
  int64_t metadata_bytes() const { return metadata_bytes_; }

 private:
  Result<void> Inside(const arrow::DataType& type, const std::string& whole, int depth);
  Result<void> Unnamed(const FieldVector& fields, const std::string& whole, int depth);

  int64_t metadata_bytes_ = 0;
};

Result<void> NameChecker::Named(const FieldVector& fields, const std::string& whole,
                                const char* part, int depth) {
  if (fields.size() > static_cast<size_t>(kColumnsMax)) {
    return Invalid(whole + " has " + std::to_string(fields.size()) + " " + part + "s; at most " +
                   std::to_string(kColumnsMax) + " are possible.");
  }
  std::unordered_set<std::string_view> seen;
  seen.reserve(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    const auto& name = fields[i]->name();
    if (const auto fault = NameFault(name, kColumnNameBytesMax); !fault.empty()) {
      return Invalid(whole + ": " + part + " " + std::to_string(i + 1) + " " + fault + ".");
    }
    if (!seen.insert(name).second) {
      return Invalid(whole + " has two " + part + "s called '" + name + "'.").With("column", name);
    }
    metadata_bytes_ += MetadataBytes(fields[i]->metadata());
    const auto inner = depth == 0 ? "Column '" + name + "'" : whole;
    CORESHED_TRY(Inside(*fields[i]->type(), inner, depth + 1));
  }
  return {};
}

/// Names nobody chose ("item", "entries") need only be fit for JSON.
Result<void> NameChecker::Unnamed(const FieldVector& fields, const std::string& whole, int depth) {
  for (const auto& field : fields) {
    if (!IsUtf8(field->name())) return Invalid(whole + " has an inner name that isn't UTF-8.");
    metadata_bytes_ += MetadataBytes(field->metadata());
    CORESHED_TRY(Inside(*field->type(), whole, depth + 1));
  }
  return {};
}

Result<void> NameChecker::Inside(const arrow::DataType& type, const std::string& whole, int depth) {
  if (depth > kTypeDepthMax) {
    return Error{ErrorKind::kUnsupported, whole + " has a type nested more than " +
                                              std::to_string(kTypeDepthMax) +
                                              " deep, which can't be stored."};
  }
  switch (type.id()) {
    case Type::STRUCT:
      return Named(type.fields(), whole, "field", depth);
    case Type::EXTENSION:
      return Inside(*static_cast<const arrow::ExtensionType&>(type).storage_type(), whole,
                    depth + 1);
    case Type::DICTIONARY:
      return Inside(*static_cast<const arrow::DictionaryType&>(type).value_type(), whole,
                    depth + 1);
    default:
      return Unnamed(type.fields(), whole, depth);
  }
}

}  // namespace

Result<void> CheckNames(const arrow::Schema& schema) {
  if (schema.num_fields() == 0) return Invalid("The table has no columns.");
  NameChecker checker;
  CORESHED_TRY(checker.Named(schema.fields(), "The table", "column", 0));
  const int64_t bytes = checker.metadata_bytes() + MetadataBytes(schema.metadata());
  if (bytes > kMetadataBytesMax) {
    return Invalid("The table's metadata have " + std::to_string(bytes) + " bytes; at most " +
                   std::to_string(kMetadataBytesMax) + " are possible.");
  }
  return {};
}

Result<void> CheckTableName(const std::string& name) {
  auto fault = NameFault(name, kTableNameBytesMax);
  if (name == "." || name == "..") fault = "can't be called '" + name + "'";
  if (fault.empty()) return {};
  return Error{ErrorKind::kInvalidArgument, "A table " + fault + "."};
}

}  // namespace coreshed::table

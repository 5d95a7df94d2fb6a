#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace coreshed::commit {

/// Reads typed fields of a stored JSON object. Stored bytes may be damaged or hostile: the first
/// fault is kept, and every later read gives an empty value, so that a parser reads straight on and
/// asks once at the end.
class Fields {
 public:
  /// `where` begins the sentence of a fault, e.g. "metadata.json of 'BH-7'".
  Fields(const nlohmann::json& object, std::string where);

  std::string Text(const char* name);
  std::string TextOr(const char* name, std::string otherwise);
  int64_t Number(const char* name);  ///< not negative
  bool FlagOr(const char* name, bool otherwise);
  std::string Hex(const char* name, size_t digits);
  const nlohmann::json& Object(const char* name);
  const nlohmann::json& Array(const char* name);
  bool Has(const char* name) const;  ///< there, and not null

  void Fail(const std::string& why);
  bool ok() const { return fault_.empty(); }
  Error error() const { return Error{ErrorKind::kCorruption, where_ + ": " + fault_}; }
  const std::string& where() const { return where_; }

 private:
  const nlohmann::json* Find(const char* name, bool required);

  const nlohmann::json& object_;
  std::string where_;
  std::string fault_;
};

/// Whether this release reads the format that the object says it has, in field `name`.
///
/// Errors  kUnsupported   a newer one: the sentence says so
///         kCorruption    none that there ever was
Result<void> CheckFormat(Fields& object, const char* name, int64_t known);

}  // namespace coreshed::commit

#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace coreshed::sources {

enum class JsonKind { kNull, kBool, kNumber, kText, kList, kObject };

/// "a number", "a list", for messages.
const char* JsonKindName(JsonKind kind);

/// What a line of JSON consists of, in its order. The first event is the beginning of an object,
/// the last its end. An error ends the reading of the line.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  /// A list or an object.
  virtual Result<void> Begin(JsonKind kind) = 0;
  virtual Result<void> End() = 0;
  virtual Result<void> Key(std::string_view key) = 0;
  /// Anything else. `text`: a text's content; else as it is written.
  virtual Result<void> Value(JsonKind kind, std::string_view text) = 0;
};

/// Read a line, which must be one JSON object (spec/json.md). Its faults are sentences without file
/// and line.
Result<void> ReadJsonLine(std::string_view line, JsonEvents& events);

/// A number of JSON as it stands in CSV files, whose exponents have a sign.
std::string CsvNumber(std::string_view number);

}  // namespace coreshed::sources

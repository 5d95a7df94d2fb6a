#include "sources/json_events.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"

namespace coreshed::sources {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 20;  // with the row itself, for a type of 20 levels ends in a value
constexpr size_t kShownBytes = 40;

Error Fault(const std::string& what) {
  return Error{ErrorKind::kValidation, what};
}

/// The last bytes of what was read, without half a letter: what was read may end within one.
std::string Shown(std::string_view token) {
  const bool is_cut = token.size() > kShownBytes;
  if (is_cut) token.remove_prefix(token.size() - kShownBytes);
  while (is_cut && !token.empty() && (static_cast<unsigned char>(token.front()) & 0xC0) == 0x80)
    token.remove_prefix(1);
  while (!IsUtf8(token))
    token.remove_suffix(1);
  return (is_cut ? "…" : "") + std::string(token);
}

/// From nlohmann's events to ours. Each returns whether to go on.
class Adapter {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  explicit Adapter(JsonEvents& events) : events_(events) {}

  bool null() { return Value(JsonKind::kNull, "null"); }
  bool boolean(bool value) { return Value(JsonKind::kBool, value ? "true" : "false"); }
  /// Whole numbers after a minus: 0 is -0, which must keep its sign.
  bool number_integer(number_integer_t value) {
    return Value(JsonKind::kNumber, value == 0 ? "-0" : std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) {
    return Value(JsonKind::kNumber, std::to_string(value));
  }
  /// Also whole numbers beyond 64 bits. `text` has the locale's decimal point.
  bool number_float(number_float_t /*value*/, const string_t& text) {
    std::string number = text;
    std::replace_if(
        number.begin(), number.end(),
        [](char c) { return std::string_view("0123456789+-eE").find(c) == std::string_view::npos; },
        '.');
    return Value(JsonKind::kNumber, number);
  }
  bool string(const string_t& text) { return Value(JsonKind::kText, text); }
  bool binary(const binary_t& /*bytes*/) { return Keep(Fault("holds bytes.")); }
  bool key(const string_t& key) { return Keep(events_.Key(key)); }
  bool start_object(size_t /*size*/) { return Begin(JsonKind::kObject); }
  bool start_array(size_t /*size*/) { return Begin(JsonKind::kList); }
  bool end_object() { return End(); }
  bool end_array() { return End(); }
  bool parse_error(size_t position, const std::string& token, const Json::exception& error) {
    constexpr int kOverflow = 406;
    if (error.id == kOverflow) {
      return Keep(Fault("the number " + Shown(token) +
                        " is larger than any that is kept. Put it in quotes."));
    }
    return Keep(Fault("no JSON: '" + Shown(token) + "', up to byte " + std::to_string(position) +
                      ", is not what can stand there."));
  }

  Result<void> Finish(bool is_read) {
    if (fault_) return *std::move(fault_);
    return is_read ? Result<void>() : Fault("no JSON.");
  }

 private:
  bool Keep(Result<void> result) {
    if (result) return true;
    fault_ = std::move(result).error();
    return false;
  }
  bool Value(JsonKind kind, std::string_view text) {
    if (depth_ == 0) return NoObject(kind);
    return Keep(events_.Value(kind, text));
  }
  bool Begin(JsonKind kind) {
    if (depth_ == 0 && kind != JsonKind::kObject) return NoObject(kind);
    if (++depth_ > kDepthMax) return Keep(Fault("lists and objects nest too deeply."));
    return Keep(events_.Begin(kind));
  }
  bool End() {
    --depth_;
    return Keep(events_.End());
  }
  bool NoObject(JsonKind kind) {
    return Keep(Fault(std::string(JsonKindName(kind)) +
                      ", but each line must be an object, such as {\"depth\": 1.5}."));
  }

  JsonEvents& events_;
  int depth_ = 0;
  std::optional<Error> fault_;
};

}  // namespace

const char* JsonKindName(JsonKind kind) {
  constexpr std::array kNames = {"null",   "true or false", "a number",
                                 "a text", "a list",        "an object"};
  return kNames[static_cast<size_t>(kind)];
}

Result<void> ReadJsonLine(std::string_view line, JsonEvents& events) {
  // It would end the text for the parser.
  if (line.find('\0') != line.npos) return Fault("a zero byte: this is no text file.");
  Adapter adapter(events);
  const bool is_read = Json::sax_parse(line.begin(), line.end(), &adapter);
  return adapter.Finish(is_read);
}

std::string CsvNumber(std::string_view number) {
  std::string text(number);
  const auto e = text.find_first_of("eE");
  if (e != text.npos && text[e + 1] != '+' && text[e + 1] != '-') text.insert(e + 1, 1, '+');
  return text;
}

}  // namespace coreshed::sources

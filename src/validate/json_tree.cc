#include "validate/json_tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace coreshed::validate {
namespace {

constexpr size_t kBytesMax = size_t{16} << 20;
constexpr size_t kDepthMax = 8;
constexpr size_t kValuesMax = 1'000'000;

/// Builds the tree from what the parser sees; each call says whether to go on.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Add({}); }
  bool boolean(bool value) override { return Add({JsonNode::Kind::kBool, "", value, {}, {}}); }
  bool number_integer(int64_t value) override { return AddNumber(std::to_string(value)); }
  bool number_unsigned(uint64_t value) override { return AddNumber(std::to_string(value)); }
  bool number_float(double, const std::string& text) override { return AddNumber(text); }
  bool string(std::string& text) override {
    return Add({JsonNode::Kind::kText, std::move(text), false, {}, {}});
  }
  bool binary(nlohmann::json::binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(JsonNode::Kind::kObject); }
  bool key(std::string& key) override {
    open_.back()->keys.push_back(std::move(key));
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(size_t) override { return Open(JsonNode::Kind::kList); }
  bool end_array() override { return Close(); }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    error_position_ = position;
    return false;
  }

  JsonNode& root() { return root_; }
  size_t error_position() const { return error_position_; }
  const std::string& over_limit() const { return over_limit_; }

 private:
  bool AddNumber(std::string text) {
    return Add({JsonNode::Kind::kNumber, std::move(text), false, {}, {}});
  }
  bool Add(JsonNode node) {
    if (++values_ > kValuesMax) {
      over_limit_ = "holds more than " + std::to_string(kValuesMax) + " values";
      return false;
    }
    Place(std::move(node));
    return true;
  }
  JsonNode* Place(JsonNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    return &open_.back()->items.emplace_back(std::move(node));
  }
  /// An open node stays where it is while its own items are added.
  bool Open(JsonNode::Kind kind) {
    if (open_.size() == kDepthMax) {
      over_limit_ = "is nested more than " + std::to_string(kDepthMax) + " deep";
      return false;
    }
    if (++values_ > kValuesMax) return Add({});
    JsonNode node;
    node.kind = kind;
    open_.push_back(Place(std::move(node)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  JsonNode root_;
  std::vector<JsonNode*> open_;
  size_t values_ = 0;
  size_t error_position_ = 0;
  std::string over_limit_;
};

}  // namespace

Result<JsonNode> ReadJsonTree(std::string_view text, const std::string& what) {
  if (text.size() > kBytesMax) {
    return Error{ErrorKind::kValidation, what + " has " + std::to_string(text.size()) +
                                             " bytes; at most " + std::to_string(kBytesMax) +
                                             " are possible."};
  }
  if (!IsUtf8(text)) return Error{ErrorKind::kValidation, what + " is no UTF-8 text."};
  TreeBuilder builder;
  if (nlohmann::json::sax_parse(text, &builder)) return std::move(builder.root());
  if (!builder.over_limit().empty()) {
    return Error{ErrorKind::kValidation, what + " " + builder.over_limit() + "."};
  }
  const auto read = text.substr(0, std::max<size_t>(builder.error_position(), 1) - 1);
  const auto line = 1 + std::count(read.begin(), read.end(), '\n');
  return Error{ErrorKind::kValidation, what + " is no JSON: line " + std::to_string(line) +
                                           " can't be read. Look there for a missing or "
                                           "superfluous comma, quote or bracket."}
      .With("line", std::to_string(line));
}

}  // namespace coreshed::validate

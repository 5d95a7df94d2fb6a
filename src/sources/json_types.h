#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sources/csv_parser.h"
#include "sources/json_events.h"

namespace coreshed::sources {

/// A place in the objects of a file: the row itself, a column, a field, the items of a list; and
/// what all values there have in common (spec/json.md, "Columns").
class JsonNode {
 public:
  JsonNode(const JsonNode* parent, std::string name, std::shared_ptr<arrow::DataType> like);

  /// A type that the column must have. kUnsupported: no value of JSON is read as one.
  Result<void> Give(const std::shared_ptr<arrow::DataType>& type);
  /// Values that are no lists or objects become texts, whatever type the column is like.
  void TakeCells();
  Result<void> Add(JsonKind kind, std::string_view text, int64_t line);
  /// The field of this name, made where there is none; `is_new` says so.
  JsonNode* Field(std::string_view name, bool* is_new);
  JsonNode* Items();

  /// After the last line: find the type of this place and of all below it. `warnings`: what a
  /// person should know of it.
  Result<void> FindType(std::vector<std::string>* warnings);

  const std::string& name() const { return name_; }
  const std::shared_ptr<arrow::DataType>& type() const { return type_; }
  bool is_list() const { return is_list_; }
  bool is_object() const { return is_object_; }
  /// Whether its texts are cells that stand for values of another type.
  bool stands_for_values() const { return are_cells_ && !is_like_text_; }
  /// For values of the type; null for text, lists and objects.
  const std::shared_ptr<const CsvParser>& parser() const { return parser_; }
  const std::vector<std::unique_ptr<JsonNode>>& fields() const { return fields_; }
  const JsonNode* items() const { return items_.get(); }

  // While a line is read: which object of this place it is in, and in which of its parent's it was
  // last seen.
  int64_t object = 0, seen_in = 0;

 private:
  std::string Path() const;
  bool LikeTakes(JsonKind kind, std::string_view text) const;
  void AddNumber(std::string_view text, int64_t line);
  Error Mixed() const;
  std::shared_ptr<arrow::DataType> NumberType(std::vector<std::string>* warnings) const;
  Result<void> FindObjectType(std::vector<std::string>* warnings);
  Result<void> FindListType(std::vector<std::string>* warnings);
  void FindValueType(JsonKind kind, std::vector<std::string>* warnings);
  void OrderLike();

  const JsonNode* parent_ = nullptr;
  std::string name_;
  std::shared_ptr<arrow::DataType> like_, given_, type_;
  bool like_lives_ = false;  ///< it takes all values so far
  std::shared_ptr<const CsvParser> parser_;
  std::array<int64_t, 6> first_line_{};                                 ///< by kind; 0: none
  bool are_whole_ = true, are_unsigned_ = true, are_fractions_ = true;  ///< the numbers
  int64_t inexact_line_ = 0;
  bool is_list_ = false, is_object_ = false;
  bool are_cells_ = false, is_like_text_ = false;
  std::vector<std::unique_ptr<JsonNode>> fields_;
  std::map<std::string_view, JsonNode*> by_name_;
  std::unique_ptr<JsonNode> items_;
};

/// What is wanted of the columns, by name.
struct JsonTypes {
  std::shared_ptr<arrow::Schema> like;
  std::map<std::string, std::shared_ptr<arrow::DataType>> given;
  bool as_cells = false;  ///< JsonNode::TakeCells, of all columns
};

/// Finds the columns of a file and their types from all its lines.
class JsonTyper : public JsonEvents {
 public:
  /// `columns_max`: with the fields within them.
  JsonTyper(JsonTypes wanted, int64_t columns_max);

  void set_line(int64_t line) { line_ = line; }
  Result<void> Begin(JsonKind kind) override;
  Result<void> End() override;
  Result<void> Key(std::string_view key) override;
  Result<void> Value(JsonKind kind, std::string_view text) override;

  /// After the last line: the row, with its types.
  Result<std::unique_ptr<JsonNode>> Finish(std::vector<std::string>* warnings);

 private:
  const JsonTypes wanted_;
  const int64_t columns_max_;
  std::unique_ptr<JsonNode> row_;
  std::vector<JsonNode*> open_;  ///< the lists and objects that are open, the row first
  JsonNode* place_ = nullptr;    ///< where the next value goes
  int64_t line_ = 0, objects_ = 0, nodes_ = 0;
};

}  // namespace coreshed::sources

#include "table/stored_schema.h"

#include <arrow/type.h>
#include <coreshed/content.h>

#include <mutex>
#include <optional>

#include "base/canonical_json.h"
#include "base/sha256.h"

namespace coreshed::table {
namespace {

constexpr size_t kKeyDigits = 16;

}  // namespace

struct StoredSchema::State {
  explicit State(nlohmann::json from) : json(std::move(from)) {}

  const nlohmann::json json;
  std::once_flag text_made, key_made, schema_made, columns_made;
  std::string text, key;
  std::optional<Result<std::shared_ptr<arrow::Schema>>> schema;
  std::optional<Result<std::vector<Column>>> columns;
};

StoredSchema::StoredSchema(nlohmann::json json)
    : state_(std::make_shared<State>(std::move(json))) {}

StoredSchema StoredSchema::Of(const arrow::Schema& schema) {
  return StoredSchema(SchemaToJson(schema));
}

const nlohmann::json& StoredSchema::json() const {
  return state_->json;
}

const std::string& StoredSchema::text() const {
  std::call_once(state_->text_made, [this] { state_->text = CanonicalJson(state_->json); });
  return state_->text;
}

const std::string& StoredSchema::key() const {
  std::call_once(state_->key_made,
                 [this] { state_->key = Sha256Hex(text()).substr(0, kKeyDigits); });
  return state_->key;
}

const Result<std::shared_ptr<arrow::Schema>>& StoredSchema::Schema() const {
  std::call_once(state_->schema_made, [this] { state_->schema = SchemaFromJson(state_->json); });
  return *state_->schema;
}

const Result<std::vector<Column>>& StoredSchema::Columns() const {
  std::call_once(state_->columns_made, [this] {
    const auto& schema = Schema();
    state_->columns = schema ? ColumnsOf(**schema) : Result<std::vector<Column>>(schema.error());
  });
  return *state_->columns;
}

}  // namespace coreshed::table

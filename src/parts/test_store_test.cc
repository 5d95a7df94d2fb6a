#include "parts/test_store.h"

namespace coreshed::parts {

std::shared_ptr<arrow::Table> ManyRows(int64_t rows, int64_t first_id, uint64_t seed) {
  arrow::Int64Builder ids;
  arrow::StringBuilder names;
  arrow::DoubleBuilder numbers;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t id = first_id + i;
    const uint64_t mixed = (static_cast<uint64_t>(id) + seed) * 0x9E3779B97F4A7C15ULL;
    EXPECT_TRUE(ids.Append(id).ok());
    EXPECT_TRUE(names.Append("name " + std::to_string(mixed % 1000)).ok());
    if (mixed % 17 == 0) {
      EXPECT_TRUE(numbers.AppendNull().ok());
    } else {
      EXPECT_TRUE(numbers.Append(static_cast<double>(mixed >> 40) / 7).ok());
    }
  }
  const auto schema =
      arrow::schema({arrow::field("id", arrow::int64(), false), arrow::field("name", arrow::utf8()),
                     arrow::field("number", arrow::float64())});
  return arrow::Table::Make(schema,
                            {Get(ids.Finish()), Get(names.Finish()), Get(numbers.Finish())});
}

}  // namespace coreshed::parts

#include "parts/hash.h"

#include <arrow/json/from_string.h>

#include <algorithm>
#include <cstring>

#include "parts/test_store.h"

namespace coreshed::parts {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

ArrayPtr FromJson(const TypePtr& type, const std::string& json) {
  return Get(arrow::json::ArrayFromJSONString(type, json));
}

std::shared_ptr<arrow::RecordBatch> Batch(
    const std::vector<std::pair<std::string, ArrayPtr>>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
}

std::string Exact(const ArrayPtr& array) {
  return ToHex(Get(ExactHash(*Batch({{"c", array}}))));
}
Sum128 Duplicate(const std::vector<std::pair<std::string, ArrayPtr>>& columns) {
  return Get(DuplicateSum(*Batch(columns)));
}

struct Kind {
  std::string name;
  TypePtr type;
  std::string json;
};

std::vector<Kind> Kinds() {
  const auto item = arrow::field("item", arrow::int32());
  const auto pair =
      arrow::struct_({arrow::field("a", arrow::int32()), arrow::field("b", arrow::utf8())});
  return {
      {"int32", arrow::int32(), "[1, null, 3, 4, null, 6, 7, 8, 9]"},
      {"bool", arrow::boolean(), "[true, null, false, true, true, true, null, false, true]"},
      {"double", arrow::float64(), "[1.5, null, -0.0, 4, null, 6, 7, 8, 9]"},
      {"decimal64", arrow::decimal64(9, 2),
       R"(["1.50", null, "-3.00", "0.00", null, "6.00", "7.00", "8.00", "9.00"])"},
      {"fixed", arrow::fixed_size_binary(3),
       R"(["abc", null, "def", "ghi", null, "jkl", "mno", "pqr", "stu"])"},
      {"text", arrow::utf8(),
       R"(["a", null, "", "dddd", null, "längerer Text als zwölf", "g", "", "i"])"},
      {"null", arrow::null(), "[null, null, null, null, null, null, null, null, null]"},
      {"list", arrow::list(item), "[[1], null, [], [2, null], null, [3], [4, 5, 6], [], [7]]"},
      {"pairs", arrow::fixed_size_list(item, 2),
       "[[1, 2], null, [3, null], [4, 5], null, [6, 7], [8, 9], [0, 0], [1, 1]]"},
      {"struct", pair,
       R"([{"a": 1, "b": "x"}, null, {"a": null, "b": ""}, {"a": 2, "b": null}, null, {"a": 3, "b": "y"}, {"a": 4, "b": "z"}, {"a": 5, "b": ""}, {"a": 6, "b": "w"}])"},
      {"list_of_struct", arrow::list(pair),
       R"([[{"a": 1, "b": "x"}], null, [], [null, {"a": null, "b": null}], null, [], [], [{"a": 2, "b": "y"}], []])"},
  };
}

class KindTest : public testing::TestWithParam<Kind> {
 protected:
  ArrayPtr array() const { return FromJson(GetParam().type, GetParam().json); }
};

TEST_P(KindTest, SlicesHashAsTheirValues) {
  const auto whole = array();
  const auto shifted = Get(arrow::Concatenate({whole->Slice(4), whole}));
  for (int64_t begin = 0; begin < whole->length(); ++begin) {
    const auto slice = shifted->Slice(shifted->length() - whole->length() + begin);
    const auto own = Get(arrow::Concatenate({whole->Slice(begin)}));
    EXPECT_EQ(Exact(slice), Exact(own)) << begin;
    EXPECT_EQ(Duplicate({{"c", slice}}), Duplicate({{"c", own}})) << begin;
  }
}

/// The array with other bytes, elements and lengths under its nulls.
ArrayPtr WithGarbage(const ArrayPtr& array) {
  // All values valid, twice as many, of which every other run is then declared null again.
  arrow::ArrayVector chunks;
  std::vector<bool> valid;
  const auto filler = array->Slice(5, 1);
  for (int64_t i = 0; i < array->length(); ++i) {
    chunks.push_back(array->IsValid(i) ? array->Slice(i, 1) : filler);
    valid.push_back(array->IsValid(i));
  }
  const auto dense = Get(arrow::Concatenate(chunks));
  arrow::TypedBufferBuilder<bool> bits;
  for (const bool bit : valid)
    EXPECT_TRUE(bits.Append(bit).ok());
  auto data = dense->data()->Copy();
  data->buffers[0] = Get(bits.Finish());
  data->null_count = arrow::kUnknownNullCount;
  return arrow::MakeArray(data);
}

TEST_P(KindTest, WhatLiesUnderNullsDoesNotCount) {
  if (GetParam().type->id() == arrow::Type::NA) return;
  const auto garbage = WithGarbage(array());
  ASSERT_TRUE(garbage->Equals(array()));
  EXPECT_EQ(Exact(garbage), Exact(array()));
  EXPECT_EQ(Duplicate({{"c", garbage}}), Duplicate({{"c", array()}}));
}

TEST_P(KindTest, EveryValueAndItsPlaceCount) {
  const auto values = array();
  for (int64_t i = 0; i < values->length(); ++i) {
    const auto without = Get(arrow::Concatenate({values->Slice(0, i), values->Slice(i + 1)}));
    EXPECT_NE(Exact(without), Exact(values));
    if (values->Slice(i, 1)->Equals(values->Slice(0, 1))) continue;
    const auto swapped = Get(arrow::Concatenate(
        {values->Slice(i, 1), values->Slice(1, i - 1), values->Slice(0, 1), values->Slice(i + 1)}));
    EXPECT_NE(Exact(swapped), Exact(values)) << i;
    EXPECT_EQ(Duplicate({{"c", swapped}}), Duplicate({{"c", values}})) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, KindTest, testing::ValuesIn(Kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST(ExactHash, TextIsTextHoweverItIsLaidOut) {
  const std::string json = R"(["a", null, "", "a", "längerer Text als zwölf Bytes", "a"])";
  const auto plain = FromJson(arrow::utf8(), json);
  EXPECT_EQ(Exact(FromJson(arrow::large_utf8(), json)), Exact(plain));
  EXPECT_EQ(Exact(FromJson(arrow::utf8_view(), json)), Exact(plain));
  const auto text =
      FromJson(arrow::utf8(), R"(["unused", "längerer Text als zwölf Bytes", "", "a", null])");
  for (const auto& index : {arrow::int8(), arrow::uint32(), arrow::int64()}) {
    for (const char* indices : {"[3, null, 2, 3, 1, 3]", "[3, 4, 2, 3, 1, 3]"}) {
      const auto dictionary =
          Get(arrow::DictionaryArray::FromArrays(FromJson(index, indices), text));
      EXPECT_EQ(Exact(dictionary), Exact(plain));
    }
  }
}

TEST(ExactHash, ListsAndDecimalsWhateverTheirWidth) {
  EXPECT_EQ(Exact(FromJson(arrow::large_list(arrow::int32()), "[[1], null, []]")),
            Exact(FromJson(arrow::list(arrow::int32()), "[[1], null, []]")));
  const std::string json = R"(["-1.50", null, "9.99"])";
  const auto plain = FromJson(arrow::decimal128(5, 2), json);
  for (const auto& type :
       {arrow::decimal32(5, 2), arrow::decimal64(5, 2), arrow::decimal256(5, 2)}) {
    const auto other = FromJson(type, json);
    EXPECT_EQ(Exact(other), Exact(plain)) << type->ToString();
    EXPECT_EQ(Duplicate({{"c", other}}), Duplicate({{"c", plain}})) << type->ToString();
    const auto inside = arrow::list(type), plain_inside = arrow::list(arrow::decimal128(5, 2));
    EXPECT_EQ(Duplicate({{"c", FromJson(inside, "[" + json + "]")}}),
              Duplicate({{"c", FromJson(plain_inside, "[" + json + "]")}}));
  }
  EXPECT_NE(Exact(FromJson(arrow::decimal256(39, 2), json)), Exact(plain));
}

ArrayPtr Doubles(const std::vector<uint64_t>& bits) {
  std::vector<double> values(bits.size());
  std::memcpy(values.data(), bits.data(), bits.size() * 8);
  arrow::DoubleBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return Get(builder.Finish());
}

TEST(ExactHash, TellsNansAndZerosApart) {
  const std::vector<uint64_t> kinds{0, 0x8000000000000000, 0x7FF8000000000000, 0x7FF8000000000001,
                                    0xFFF8000000000000};
  for (const auto a : kinds) {
    for (const auto b : kinds) {
      EXPECT_EQ(Exact(Doubles({a})) == Exact(Doubles({b})), a == b);
      EXPECT_EQ(Duplicate({{"c", Doubles({a})}}) == Duplicate({{"c", Doubles({b})}}), a == b);
    }
  }
}

TEST(ExactHash, ColumnsCountInTheirOrderAndNamesDoNot) {
  const auto a = FromJson(arrow::int32(), "[1, 2]"), b = FromJson(arrow::int32(), "[3, 4]");
  const auto hash = [](const auto& batch) { return ToHex(Get(ExactHash(*batch))); };
  EXPECT_NE(hash(Batch({{"a", a}, {"b", b}})), hash(Batch({{"a", b}, {"b", a}})));
  EXPECT_EQ(hash(Batch({{"a", a}, {"b", b}})), hash(Batch({{"x", a}, {"y", b}})));
}

TEST(DuplicateSum, DoesNotDependOnOrder) {
  const auto a = FromJson(arrow::int32(), "[1, 2, null]"),
             b = FromJson(arrow::utf8(), R"(["x", "y", "z"])");
  const auto sum = Duplicate({{"a", a}, {"b", b}});
  EXPECT_EQ(Duplicate({{"b", b}, {"a", a}}), sum);
  const auto a2 = FromJson(arrow::int32(), "[null, 1, 2]"),
             b2 = FromJson(arrow::utf8(), R"(["z", "x", "y"])");
  EXPECT_EQ(Duplicate({{"a", a2}, {"b", b2}}), sum);
}

TEST(DuplicateSum, CountsMultiplicityAndCompany) {
  const auto ints = [](const char* json) { return FromJson(arrow::int32(), json); };
  EXPECT_NE(Duplicate({{"a", ints("[1, 1, 2]")}}), Duplicate({{"a", ints("[1, 2, 2]")}}));
  EXPECT_NE(Duplicate({{"a", ints("[1, 1]")}}), Duplicate({{"a", ints("[1]")}}));
  // The same values in each column, but other neighbours.
  EXPECT_NE(Duplicate({{"a", ints("[1, 2]")}, {"b", ints("[3, 4]")}}),
            Duplicate({{"a", ints("[1, 2]")}, {"b", ints("[4, 3]")}}));
  // Swapped between columns.
  EXPECT_NE(Duplicate({{"a", ints("[1]")}, {"b", ints("[2]")}}),
            Duplicate({{"a", ints("[2]")}, {"b", ints("[1]")}}));
}

TEST(DuplicateSum, IsAdditive) {
  const auto table = Get(ManyRows(5'000)->CombineChunksToBatch());
  auto sum = Get(DuplicateSum(*table->Slice(0, 1'234)));
  sum.Add(Get(DuplicateSum(*table->Slice(1'234))));
  EXPECT_EQ(sum, Get(DuplicateSum(*table)));
}

TEST(DuplicateSum, NullEmptyZeroAndNanDiffer) {
  std::vector<std::string> seen;
  const auto add = [&](const ArrayPtr& array) { seen.push_back(ToHex(Duplicate({{"c", array}}))); };
  for (const char* json : {"[null]", R"([""])", R"(["0"])", R"(["NaN"])", R"(["null"])"}) {
    add(FromJson(arrow::utf8(), json));
  }
  for (const char* json : {"[null]", "[0]", "[NaN]"})
    add(FromJson(arrow::float64(), json));
  for (const char* json : {"[null]", "[0]"})
    add(FromJson(arrow::int64(), json));
  for (const char* json : {"[null]", "[[]]", "[[null]]", R"([[""]])"}) {
    add(FromJson(arrow::list(arrow::utf8()), json));
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(DuplicateSum, TextIsTextHoweverItIsLaidOut) {
  const auto plain = FromJson(arrow::utf8(), R"(["a", null, "b"])");
  for (const auto& type :
       {arrow::large_utf8(), arrow::utf8_view(), arrow::dictionary(arrow::int8(), arrow::utf8())}) {
    EXPECT_EQ(Duplicate({{"c", FromJson(type, R"(["a", null, "b"])")}}), Duplicate({{"c", plain}}));
  }
  const auto list = arrow::list(arrow::utf8());
  const auto other = arrow::large_list(arrow::dictionary(arrow::int8(), arrow::utf8()));
  EXPECT_EQ(Duplicate({{"c", FromJson(list, R"([["a", null], [], null])")}}),
            Duplicate({{"c", FromJson(other, R"([["a", null], [], null])")}}));
}

TEST(TableDuplicateHash, SortsColumnsAndKnowsTheName) {
  const Sum128 sum{1, 2};
  const std::vector<NamedType> columns{{"b", "int32"}, {"a", "string"}},
      sorted{{"a", "string"}, {"b", "int32"}};
  EXPECT_EQ(TableDuplicateHash(sum, 3, columns, ""), TableDuplicateHash(sum, 3, sorted, ""));
  EXPECT_NE(TableDuplicateHash(sum, 3, columns, ""), TableDuplicateHash(sum, 3, columns, "t"));
  EXPECT_NE(TableDuplicateHash(sum, 3, columns, ""), TableDuplicateHash(sum, 4, columns, ""));
  EXPECT_NE(TableDuplicateHash(sum, 3, columns, ""), TableDuplicateHash({1, 3}, 3, columns, ""));
  EXPECT_NE(TableDuplicateHash(sum, 3, columns, ""),
            TableDuplicateHash(sum, 3, {{"a", "int32"}, {"b", "string"}}, ""));
  EXPECT_EQ(TableDuplicateHash(sum, 3, columns, "").size(), 32U);
}

TEST(Hex, UndoesItself) {
  const Sum128 sum{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(ToHex(sum), "fedcba98765432100123456789abcdef");
  EXPECT_EQ(Get(ParseSum128(ToHex(sum))), sum);
  Hash256 hash;
  for (size_t i = 0; i < hash.size(); ++i)
    hash[i] = static_cast<uint8_t>(i * 9);
  EXPECT_EQ(Get(ParseHash256(ToHex(hash))), hash);
  for (const char* bad : {"", "0", "xyz", "0123456789ABCDEF0123456789ABCDEF"}) {
    EXPECT_FALSE(ParseSum128(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace coreshed::parts

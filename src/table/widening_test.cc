#include "table/widening.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "table/type_name.h"

namespace coreshed::table {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(WideningTest, HoldsEveryOldValue) {
  const Pairs cases = {
      {"int8", "int16"},
      {"int32", "int64"},
      {"uint8", "uint64"},
      {"uint8", "int16"},
      {"uint32", "int64"},
      {"float16", "float32"},
      {"float32", "float64"},
      {"decimal(9,2)", "decimal(10,2)"},
      {"decimal(9,2)", "decimal(12,4)"},
      {"decimal(5,5)", "decimal(6,6)"},
      {"date", "date64"},
      {"time(s)", "time(ms)"},
      {"time(ms)", "time(ns)"},
      {"fixed_binary(16)", "binary"},
      {"null", "int8"},
      {"null", "struct<a:int8>"},
      {"list<int8>", "list<int16>"},
      {"list<int8,3>", "list<int8>"},
      {"list<int8,3>", "list<int16,3>"},
      {"list<int8 not null>", "list<int8>"},
      {"list<null>", "list<string>"},
      {"map<string,int8>", "map<string,int64>"},
      {"struct<a:int8,b:string>", "struct<a:int16,b:string>"},
      {"struct<\"a b\":list<int8>>", "struct<\"a b\":list<int16>>"},
  };
  for (const auto& [before, after] : cases) {
    EXPECT_TRUE(IsWidening(before, after)) << before << " → " << after;
    EXPECT_FALSE(IsWidening(after, before)) << after << " → " << before;
  }
}

TEST(WideningTest, IsNothingElse) {
  const Pairs cases = {
      {"int32", "int32"},
      {"uint32", "int32"},
      {"uint64", "int64"},
      {"int8", "uint16"},
      {"int8", "float64"},
      {"int8", "decimal(10,0)"},
      {"int32", "string"},
      {"bool", "int8"},
      {"decimal(9,2)", "decimal(9,3)"},
      {"decimal(9,2)", "decimal(10,1)"},
      {"decimal(9,2)", "float64"},
      {"date", "timestamp(s)"},
      {"timestamp(s)", "timestamp(us)"},
      {"timestamp(us)", "timestamp(us,UTC)"},
      {"duration(s)", "duration(ms)"},
      {"time(s)", "timestamp(s)"},
      {"string", "binary"},
      {"fixed_binary(4)", "fixed_binary(8)"},
      {"list<int8>", "list<int8,3>"},
      {"list<int8,3>", "list<int8,4>"},
      {"list<int8>", "list<int16 not null>"},
      {"struct<a:int8>", "struct<a:int8,b:int8>"},
      {"struct<a:int8>", "struct<b:int16>"},
      {"extension(x,int8)", "extension(x,int16)"},
      {"extension(arrow.json,string)", "string"},
  };
  for (const auto& [before, after] : cases) {
    EXPECT_FALSE(IsWidening(before, after)) << before << " → " << after;
  }
}

TEST(WideningTest, NamesThatAreNoneWidenToNothing) {
  const std::string deep = [] {
    std::string type = "int8";
    for (int i = 0; i < 10'000; ++i)
      type = "list<" + type;
    return type;
  }();
  for (const std::string bad :
       {"", "(", "list<", "list<int8", "list<int8,>", "list<>", "struct<a>", "struct<\"a:int8>",
        "struct<\"a\\", "decimal(", "decimal(9,", "int8 ", "int8>", "x(\"", deep.c_str()}) {
    EXPECT_FALSE(ParseTypeName(bad)) << bad.substr(0, 100);
    EXPECT_FALSE(IsWidening(bad, "int64"));
    EXPECT_FALSE(IsWidening("int8", bad));
  }
  EXPECT_FALSE(IsWidening("decimal(x,y)", "decimal(9,2)"));
  EXPECT_FALSE(IsWidening("decimal(9)", "decimal(99999999999,2)"));
  EXPECT_FALSE(IsWidening("int", "int8"));
  EXPECT_FALSE(IsWidening("time(s)", "time(min)"));
}

TEST(TypeNameTest, TakesNamesApart) {
  const auto type = ParseTypeName(
      "struct<\"a\\\"\\\\b\":list<timestamp(us,\"+01:00\") not null,3>,"
      "c:extension(my.ext,map<string,int8>)>");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->kind, "struct");
  ASSERT_EQ(type->children.size(), 2U);
  EXPECT_EQ(type->children[0].name, "a\"\\b");
  const auto& list = type->children[0].type;
  EXPECT_EQ(list.parameters, std::vector<std::string>{"3"});
  EXPECT_FALSE(list.children[0].nullable);
  EXPECT_EQ(list.children[0].type.parameters, (std::vector<std::string>{"us", "+01:00"}));
  const auto& extension = type->children[1].type;
  EXPECT_EQ(extension.parameters, std::vector<std::string>{"my.ext"});
  EXPECT_EQ(extension.children[0].type.children.size(), 2U);
}

}  // namespace
}  // namespace coreshed::table

// Random uploads against a simple and slow checker of the same rules.

#include <arrow/api.h>
#include <coreshed/validation.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/result_checks.h"
#include "validate/upload_check.h"

namespace coreshed::validate {
namespace {

using Cell = std::optional<std::string>;
using Rows = std::vector<std::vector<Cell>>;
/// Table, record, column, rule.
using Fault = std::tuple<std::string, int64_t, std::string, std::string>;

/// Two tables that refer to each other and to themselves, all columns text as in a CSV file.
constexpr const char* kSchema = R"({"tables":[
    {"name":"p","columns":[
      {"name":"k","type":"int8","key":true,"max":12},
      {"name":"l","type":"string","key":true,"allowed":["a","b"]},
      {"name":"up","type":"int8","references":"p.k"},
      {"name":"q","type":"int8","references":"q.u"}]},
    {"name":"q","columns":[
      {"name":"u","type":"int8","unique":true,"min":0},
      {"name":"w","type":"string","nullable":false,"pattern":"[ab]+"},
      {"name":"p","type":"int8","references":"p.k"}]}]})";

std::optional<int> Number(const Cell& cell) {
  if (!cell || cell->empty() || *cell == "x") return std::nullopt;
  return std::stoi(*cell);
}

/// What the rules say, cell by cell.
class Oracle {
 public:
  Oracle(const Rows& p, const Rows& q, const Rows& known) : p_(p), q_(q), known_(known) {}

  std::set<Fault> Run(bool splits) {
    for (size_t i = 0; i < p_.size(); ++i)
      CheckP(i);
    for (size_t i = 0; i < q_.size(); ++i)
      CheckQ(i);
    // What is nowhere first; then rows that refer to rejected ones, until there are no more.
    Refer([&](const Reference& ref) {
      if (!IsAnywhere(ref)) Add(ref.table, ref.row, ref.column, "reference");
    });
    const auto own = rejected_;
    if (!splits) return faults_;
    size_t before = 0;
    do {
      before = rejected_.size();
      Refer([&](const Reference& ref) {
        if (!IsThere(ref)) rejected_.insert({ref.table, ref.row});
      });
    } while (rejected_.size() > before);
    Refer([&](const Reference& ref) {
      if (!IsThere(ref) && !own.contains({ref.table, ref.row})) {
        Add(ref.table, ref.row, ref.column, "reference");
      }
    });
    return faults_;
  }
  bool IsRejected(const std::string& table, size_t row) const {
    return rejected_.contains({table, row});
  }

 private:
  using RowSet = std::set<std::pair<std::string, size_t>>;

  void Add(const std::string& table, size_t row, const std::string& column,
           const std::string& rule) {
    faults_.insert({table, static_cast<int64_t>(row) + 1, column, rule});
    rejected_.insert({table, row});
  }
  /// Whether there is a number in the cell; notes what is none.
  std::optional<int> Typed(const std::string& table, size_t row, const std::string& column,
                           const Cell& cell) {
    if (cell == "x") Add(table, row, column, "type");
    return Number(cell);
  }
  void CheckP(size_t i) {
    const auto& row = p_[i];
    const auto k = Typed("p", i, "k", row[0]);
    if (!k && row[0] != "x") Add("p", i, "k", "required");
    if (k && *k > 12) Add("p", i, "k", "max");
    if (!row[1]) Add("p", i, "l", "required");
    if (row[1] && *row[1] != "a" && *row[1] != "b") Add("p", i, "l", "allowed");
    Typed("p", i, "up", row[2]);
    Typed("p", i, "q", row[3]);
    if (!k || !row[1]) return;
    const auto same = [&](const std::vector<Cell>& other) {
      return Number(other[0]) == k && other[1] == row[1];
    };
    if (std::any_of(known_.begin(), known_.end(), same) ||
        std::any_of(p_.begin(), p_.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      Add("p", i, "k, l", "key");
    }
  }
  void CheckQ(size_t i) {
    const auto& row = q_[i];
    const auto u = Typed("q", i, "u", row[0]);
    if (u && *u < 0) Add("q", i, "u", "min");
    for (size_t j = 0; u && j < i; ++j) {
      if (Number(q_[j][0]) != u) continue;
      Add("q", i, "u", "unique");
      break;
    }
    if (!row[1]) Add("q", i, "w", "required");
    if (row[1] && (row[1]->empty() || row[1]->find_first_not_of("ab") != row[1]->npos)) {
      Add("q", i, "w", "pattern");
    }
    Typed("q", i, "p", row[2]);
  }
  struct Reference {
    std::string table;
    size_t row;
    std::string column;
    int value;
    std::string to;
  };
  template <typename Visit>
  void Refer(Visit&& visit) {
    for (size_t i = 0; i < p_.size(); ++i) {
      if (const auto up = Number(p_[i][2])) visit({"p", i, "up", *up, "p"});
      if (const auto q = Number(p_[i][3])) visit({"p", i, "q", *q, "q"});
    }
    for (size_t i = 0; i < q_.size(); ++i) {
      if (const auto p = Number(q_[i][2])) visit({"q", i, "p", *p, "p"});
    }
  }
  bool IsKnown(const Reference& ref) const {
    return ref.to == "p" && std::any_of(known_.begin(), known_.end(), [&](const auto& row) {
             return Number(row[0]) == ref.value;
           });
  }
  bool Occurs(const Reference& ref, bool counts_rejected) const {
    const auto& rows = ref.to == "p" ? p_ : q_;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (Number(rows[i][0]) != ref.value) continue;
      if (counts_rejected || !rejected_.contains({ref.to, i})) return true;
    }
    return false;
  }
  bool IsAnywhere(const Reference& ref) const { return IsKnown(ref) || Occurs(ref, true); }
  bool IsThere(const Reference& ref) const { return IsKnown(ref) || Occurs(ref, false); }

  const Rows &p_, &q_, &known_;
  std::set<Fault> faults_;
  RowSet rejected_;
};

std::shared_ptr<arrow::Table> TableOf(const std::vector<std::string>& names, const Rows& rows) {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (size_t c = 0; c < names.size(); ++c) {
    arrow::StringBuilder builder;
    for (const auto& row : rows)
      (void)(row[c] ? builder.Append(*row[c]) : builder.AppendNull());
    fields.push_back(arrow::field(names[c], arrow::utf8()));
    columns.push_back(builder.Finish().ValueOrDie());
  }
  return arrow::Table::Make(arrow::schema(fields), columns);
}

/// In batches of a few rows.
std::shared_ptr<arrow::RecordBatchReader> InBatches(const std::shared_ptr<arrow::Table>& table,
                                                    int64_t rows) {
  auto reader = std::make_shared<arrow::TableBatchReader>(table);
  reader->set_chunksize(rows);
  return reader;
}

class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  Cell NumberCell(int limit, int odd) {
    if (Below(odd) == 0) return Below(2) == 0 ? Cell("x") : std::nullopt;
    return std::to_string(Below(limit) - (Below(odd) == 0 ? 1 : 0));
  }
  Cell TextCell(int odd) {
    static const std::array<Cell, 4> kOdd = {Cell(""), Cell("c"), std::nullopt, Cell("b\n")};
    if (Below(odd) == 0) return kOdd[static_cast<size_t>(Below(4))];
    return Below(2) == 0 ? "a" : "b";
  }

 private:
  std::mt19937 random_;
};

struct Case {
  Rows p, q, known;
};

Case RandomCase(unsigned seed) {
  Random random(seed);
  Case made;
  const int limit = 8 + random.Below(10), odd = 5 + random.Below(60);
  for (int i = random.Below(12); i > 0; --i) {
    made.p.push_back({random.NumberCell(limit, odd), random.TextCell(odd),
                      random.Below(3) == 0 ? std::nullopt : random.NumberCell(limit, odd),
                      random.Below(3) == 0 ? std::nullopt : random.NumberCell(limit, odd)});
  }
  for (int i = random.Below(12); i > 0; --i) {
    made.q.push_back(
        {random.NumberCell(limit * 2, odd), random.TextCell(odd), random.NumberCell(limit, odd)});
  }
  for (int i = random.Below(4); i > 0; --i)
    made.known.push_back({random.NumberCell(limit, odd), random.TextCell(odd)});
  return made;
}

std::vector<UploadTable> Uploads(const Case& made, unsigned seed) {
  const auto batch = 1 + static_cast<int64_t>(seed % 5);
  return {{{"q", nullptr, InBatches(TableOf({"u", "w", "p"}, made.q), batch)}},
          {{"p", nullptr, InBatches(TableOf({"k", "l", "up", "q"}, made.p), batch)}}};
}

/// A table that the schema does not have is passed over.
std::vector<TableInput> Existing(const Case& made) {
  return {{"p", TableOf({"k", "l"}, made.known), nullptr}, {"other", TableOf({"w"}, {}), nullptr}};
}

std::set<Fault> FaultsOf(const Rejects& rejects) {
  std::set<Fault> faults;
  for (const auto& reject : rejects.All())
    EXPECT_TRUE(faults.insert({reject.table, reject.record, reject.column, reject.rule}).second);
  return faults;
}

TEST(ValidateOracle, SplitUploads) {
  const auto schema = Must(ParseSchema(kSchema));
  CheckOptions options;
  options.splits = true;
  int64_t faults = 0, good = 0;
  for (unsigned seed = 0; seed < 1'000; ++seed) {
    const auto made = RandomCase(seed);
    const auto existing = Existing(made);
    Oracle oracle(made.p, made.q, made.known);
    const auto expected = oracle.Run(true);
    const auto check = Must(UploadCheck::Start(schema, Uploads(made, seed), existing, options));
    auto streams = check->Tables();
    std::vector<std::string> kept, meant;
    for (auto& stream : streams) {
      const auto table = stream.reader->ToTable();
      if (!table.ok()) {
        ASSERT_EQ(check->good_rows(), 0);
        continue;
      }
      ASSERT_TRUE((*table)->ValidateFull().ok());
      for (int64_t row = 0; row < (*table)->num_rows(); ++row) {
        kept.push_back(stream.name + (*table)->column(0)->GetScalar(row).ValueOrDie()->ToString() +
                       (*table)->column(1)->GetScalar(row).ValueOrDie()->ToString());
      }
    }
    for (const auto& [name, rows] : {std::pair{"p", made.p}, std::pair{"q", made.q}}) {
      for (size_t row = 0; row < rows.size(); ++row) {
        if (!oracle.IsRejected(name, row)) {
          const auto number = Number(rows[row][0]);
          meant.push_back(name + (number ? std::to_string(*number) : "null") + *rows[row][1]);
        }
      }
    }
    ASSERT_EQ(FaultsOf(check->rejects()), expected) << "seed " << seed;
    ASSERT_EQ(kept, meant) << "seed " << seed;
    size_t rejected = 0;
    for (const auto& rows : Must(check->rejects().Rows())) {
      rejected += rows.records.size();
      ASSERT_EQ(rows.rows->num_rows(), static_cast<int64_t>(rows.records.size()));
      for (const auto record : rows.records)
        ASSERT_TRUE(oracle.IsRejected(rows.table, static_cast<size_t>(record - 1)));
    }
    ASSERT_EQ(rejected + kept.size(), made.p.size() + made.q.size()) << "no row vanishes";
    faults += static_cast<int64_t>(expected.size());
    good += static_cast<int64_t>(kept.size());
  }
  EXPECT_GT(faults, 1'000) << "the cases say something";
  EXPECT_GT(good, 1'000);
}

TEST(ValidateOracle, RefusedUploads) {
  const auto schema = Must(ParseSchema(kSchema));
  int passed = 0;
  for (unsigned seed = 0; seed < 1'000; ++seed) {
    const auto made = RandomCase(seed);
    const auto existing = Existing(made);
    const auto expected = Oracle(made.p, made.q, made.known).Run(false);
    const auto check = UploadCheck::Start(schema, Uploads(made, seed), existing);
    if (expected.empty()) {
      ASSERT_TRUE(check.has_value()) << "seed " << seed << check.error().message;
      for (auto& stream : (*check)->Tables())
        ASSERT_TRUE(stream.reader->ToTable().ok());
      ++passed;
    } else {
      ASSERT_EQ(MustFail(check).fields.at("faults"), std::to_string(expected.size()))
          << "seed " << seed;
    }
  }
  EXPECT_GT(passed, 5);
}

}  // namespace
}  // namespace coreshed::validate

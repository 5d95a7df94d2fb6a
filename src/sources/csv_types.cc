#include "sources/csv_types.h"

#include <arrow/type.h>

#include <cstdint>
#include <span>

#include "base/result.h"

namespace coreshed::sources {
namespace {

/// How a text may be read, as bits: a column's type is what all its values have in common. Times keep
/// one form each, so that mixed forms and precisions stay text.
enum Form : int64_t {
  kWhole = 1,
  kFraction = 2,
  kDate = 4,
  kTimeMinutes = 8,
  kTimeSeconds = 16,
  kBoolean = 32,
  kTimestamp = 64,             // and the 7 bits above: T or blank, minutes or seconds, Z or none
  kFinite = 64 << 8,           // a number, not NaN or infinity: a column needs one to be of numbers
};

constexpr char kDay[] = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
constexpr char kMinutes[] = "([01][0-9]|2[0-3]):[0-5][0-9]";
constexpr char kSeconds[] = ":[0-5][0-9](\\.[0-9]{1,6})?";

std::string Matches(const std::string& pattern) {
  return "regexp_full_match(x, '" + pattern + "')";
}

/// Whether a double holds all digits of `x`: 15 always fit, more are compared.
std::string DigitsFit() {
  const auto digits = [](const std::string& text) {
    return "trim(regexp_replace(regexp_extract(" + text + ", '^[^eE]*'), '[-.]', '', 'g'), '0')";
  };
  // Leading zeros carry nothing; trailing ones neither once both stand for the same number.
  return "(length(x) <= 15 OR " + digits("x") + " = " +
         digits("CAST(TRY_CAST(x AS DOUBLE) AS VARCHAR)") + ")";
}

struct Arm {
  int64_t bits;           ///< the forms that it can give
  std::string condition;
  std::string gives;      ///< SQL
};

std::vector<Arm> MakeArms() {
  const std::string number = std::to_string(kFraction | kFinite);
  std::vector<Arm> arms = {
      {kWhole | kFraction, "CAST(TRY_CAST(x AS BIGINT) AS VARCHAR) = x",
       "CASE WHEN " + DigitsFit() + " THEN " + std::to_string(kWhole | kFraction | kFinite) +
           " ELSE " + std::to_string(kWhole | kFinite) + " END"},
      {kFraction,
       // A bare exponent (1E5) is as likely a code; with a sign or a point it is a number.
       Matches("-?([0-9]|[1-9][0-9]+)?\\.[0-9]+([eE][+-]?[0-9]+)?|"
               "-?([0-9]|[1-9][0-9]+)[eE][+-][0-9]+|-0") +
           " AND isfinite(TRY_CAST(x AS DOUBLE)) AND " + DigitsFit(),
       number},
      {kFraction, "x IN ('NaN', 'nan', 'Inf', '-Inf', 'inf', '-inf')", std::to_string(kFraction)},
      {kDate, Matches(kDay) + " AND x >= '0001' AND TRY_CAST(x AS DATE) IS NOT NULL",
       std::to_string(kDate)},
      {kTimeMinutes, Matches(kMinutes), std::to_string(kTimeMinutes)},
      {kTimeSeconds, Matches(std::string(kMinutes) + kSeconds), std::to_string(kTimeSeconds)},
      {kBoolean, "lower(x) IN ('true', 'false')", std::to_string(kBoolean)}};
  for (int form = 0; form < 8; ++form) {
    const std::string pattern = std::string(kDay) + ((form & 1) != 0 ? "T" : " ") + kMinutes +
                                ((form & 2) != 0 ? kSeconds : "") + ((form & 4) != 0 ? "Z" : "");
    const int64_t bit = int64_t{kTimestamp} << form;
    arms.push_back({bit, Matches(pattern) + " AND x >= '0001' AND TRY_CAST(rtrim(x, 'Z') AS "
                                            "TIMESTAMP) IS NOT NULL",
                    std::to_string(bit)});
  }
  return arms;
}

const std::vector<Arm>& Arms() {
  static const std::vector<Arm> arms = MakeArms();
  return arms;
}

std::string MacroName(size_t arm) { return "form" + std::to_string(arm); }

/// Each arm as a macro: its forms, or null.
Result<void> DefineMacros(duckdb::Session& session) {
  for (size_t i = 0; i < Arms().size(); ++i) {
    CORESHED_ASSIGN(auto rows, session.Query("CREATE OR REPLACE MACRO " + MacroName(i) +
                                             "(x) AS CASE WHEN " + Arms()[i].condition + " THEN " +
                                             Arms()[i].gives + " END"));
  }
  return {};
}

/// The forms of a column's values among `wanted`, as SQL; null for null.
std::string FormsSql(const std::string& column, int64_t wanted) {
  std::string sql = "CASE WHEN " + column + " IS NOT NULL THEN coalesce(";
  for (size_t i = 0; i < Arms().size(); ++i) {
    if ((Arms()[i].bits & wanted) != 0) sql += MacroName(i) + "(" + column + "), ";
  }
  return sql + "0) END AS " + column;
}

struct Forms {
  int64_t all = (kFinite << 1) - 1;  ///< what every value has
  int64_t any = 0;                   ///< what some value has
};

/// Reduce the forms of each column that still has some to those of the rows of `from`.
Result<void> Narrow(duckdb::Session& session, const std::string& from,
                    const std::vector<std::string>& columns, std::span<Forms> forms) {
  std::vector<size_t> asked;
  std::string trimmed, found, common;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (forms[i].all == 0) continue;
    const std::string& column = columns[i];
    const std::string separator = asked.empty() ? "" : ", ";
    trimmed += separator + "NULLIF(trim(" + column + "), '') AS " + column;
    found += separator + FormsSql(column, forms[i].all);
    common += separator + "bit_and(" + column + "), bit_or(" + column + ")";
    asked.push_back(i);
  }
  if (asked.empty()) return {};
  CORESHED_ASSIGN(auto rows,
                  session.Query("SELECT " + common + " FROM (SELECT " + found + " FROM (SELECT " +
                                trimmed + " FROM " + from + "))"));
  CORESHED_ASSIGN(auto chunk, rows.Next());
  const auto& api = session.api();
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto all = api.data_chunk_get_vector(chunk, 2 * i);
    const auto any = api.data_chunk_get_vector(chunk, 2 * i + 1);
    if (!duckdb::IsValid(api.vector_get_validity(all), 0)) continue;  // no values: nothing is known
    forms[asked[i]] = {*static_cast<const int64_t*>(api.vector_get_data(all)),
                       *static_cast<const int64_t*>(api.vector_get_data(any))};
  }
  api.destroy_data_chunk(&chunk);
  return {};
}

CsvType Choose(const Forms& forms) {
  constexpr int64_t kUtc = (int64_t{kTimestamp} << 4) | (int64_t{kTimestamp} << 5) |
                           (int64_t{kTimestamp} << 6) | (int64_t{kTimestamp} << 7);
  if (forms.any == 0) return CsvType::kText;
  const auto has = [&](int64_t bits) { return (forms.all & bits) != 0; };
  if (has(kWhole)) return CsvType::kWhole;
  if (has(kFraction)) return (forms.any & kFinite) != 0 ? CsvType::kFraction : CsvType::kText;
  if (has(kDate)) return CsvType::kDate;
  if (has(kTimeMinutes | kTimeSeconds)) return CsvType::kTime;
  if (has(kBoolean)) return CsvType::kBoolean;
  if (has(kUtc)) return CsvType::kTimestampUtc;
  return has(int64_t{kTimestamp} * 15) ? CsvType::kTimestamp : CsvType::kText;
}

}  // namespace

Result<std::vector<CsvType>> TypesOf(duckdb::Session& session, const std::string& from,
                                     const std::vector<std::string>& columns) {
  // Most columns of text show what they are at once; only the others are looked at to the end.
  constexpr int kSampleRows = 20'000;
  CORESHED_TRY(DefineMacros(session));
  std::vector<Forms> forms(columns.size());
  const std::string sample = "(SELECT * FROM " + from + " LIMIT " + std::to_string(kSampleRows) + ")";
  CORESHED_TRY(Narrow(session, sample, columns, forms));
  CORESHED_TRY(Narrow(session, from, columns, forms));
  std::vector<CsvType> types;
  for (const auto& found : forms) types.push_back(Choose(found));
  return types;
}

std::string CastSql(CsvType type, const std::string& column) {
  const std::string trimmed = "NULLIF(trim(" + column + "), '')";
  switch (type) {
    case CsvType::kText:
      return column;
    case CsvType::kWhole:
      return "CAST(" + trimmed + " AS BIGINT)";
    case CsvType::kFraction:
      return "CAST(" + trimmed + " AS DOUBLE)";
    case CsvType::kDate:
      return "CAST(" + trimmed + " AS DATE)";
    case CsvType::kTime:
      return "CAST(" + trimmed + " AS TIME)";
    case CsvType::kTimestamp:
    case CsvType::kTimestampUtc:
      return "CAST(rtrim(" + trimmed + ", 'Z') AS TIMESTAMP)";
    case CsvType::kBoolean:
      return "CAST(" + trimmed + " AS BOOLEAN)";
  }
  return column;
}

std::shared_ptr<arrow::DataType> ArrowType(CsvType type) {
  switch (type) {
    case CsvType::kText:
      return arrow::utf8();
    case CsvType::kWhole:
      return arrow::int64();
    case CsvType::kFraction:
      return arrow::float64();
    case CsvType::kDate:
      return arrow::date32();
    case CsvType::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case CsvType::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case CsvType::kTimestampUtc:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case CsvType::kBoolean:
      return arrow::boolean();
  }
  return arrow::utf8();
}

}  // namespace coreshed::sources

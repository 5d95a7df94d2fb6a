#include "cli/rejects.h"

#include <arrow/buffer.h>

#include <algorithm>

#include "cli/failure.h"
#include "cli/text.h"
#include "cli/text_table.h"

namespace coreshed::cli {

std::string RejectWords(const RejectReport& report, const Terminal& terminal) {
  constexpr size_t kShown = 20;
  if (report.faults.empty()) {
    return "All " + Counted(report.good_rows, "row") + " keep the schema\n";
  }
  std::string rules;
  for (const auto& [rule, count] : report.by_rule)
    rules += (rules.empty() ? "" : ", ") + rule + " " + std::to_string(count);
  std::string words = std::to_string(report.rejected_rows) + " of " +
                      Counted(report.good_rows + report.rejected_rows, "row") +
                      " rejected: " + rules + "\n";
  TextTable table;
  for (const char* name : {"table", "record", "line", "column", "value", "rule", "reason"})
    table.AddColumn(name);
  for (size_t i = 0; i < std::min(report.faults.size(), kShown); ++i) {
    const Reject& fault = report.faults[i];
    table.AddRow({fault.table, std::to_string(fault.record),
                  fault.line > 0 ? std::to_string(fault.line) : "", fault.column,
                  fault.value.value_or(""), fault.rule, fault.reason});
  }
  table.WrapLast();
  words += table.Render(terminal);
  if (report.faults.size() > kShown) {
    words += "and " + std::to_string(report.faults.size() - kShown) + " more\n";
  }
  return words;
}

void WriteRejects(const RejectReport& report, const std::string& path, bool overwrite) {
  if (path.empty() || report.file == nullptr) return;
  Take(WriteFileBytes(*report.file, path, overwrite));
}

Json ToJson(const RejectReport& report) {
  Json faults = Json::array();
  for (const auto& fault : report.faults) {
    faults.push_back({{"table", fault.table},
                      {"file", fault.file},
                      {"record", fault.record},
                      {"line", fault.line},
                      {"column", fault.column},
                      {"value", fault.value ? Json(*fault.value) : Json(nullptr)},
                      {"rule", fault.rule},
                      {"reason", fault.reason}});
  }
  return {{"good_rows", report.good_rows},
          {"rejected_rows", report.rejected_rows},
          {"by_rule", report.by_rule},
          {"faults", std::move(faults)}};
}

}  // namespace coreshed::cli

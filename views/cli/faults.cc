#include "cli/faults.h"

#include "cli/text_table.h"

namespace coreshed::cli {

void PrintFaults(const std::vector<Fault>& faults, const std::string& of_none, bool with_rules,
                 Output& output) {
  TextTable table;
  table.AddColumn("record");
  if (with_rules) table.AddColumn("rule");
  table.AddColumn("fault");
  table.WrapLast();
  for (const auto& fault : faults) {
    const std::string record = fault.record_id.empty() ? of_none : fault.record_id;
    if (with_rules) {
      table.AddRow({record, fault.rule, fault.message});
    } else {
      table.AddRow({record, fault.message});
    }
  }
  output.Print(table.Render(output.terminal()));
}

}  // namespace coreshed::cli

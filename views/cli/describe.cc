#include "cli/describe.h"

#include <algorithm>

#include "cli/text.h"

namespace coreshed::cli {
namespace {

constexpr size_t kHashShown = 12;
constexpr size_t kChangesShown = 8;

}  // namespace

Style StyleOf(Status status) {
  switch (status) {
    case Status::kApproved:
      return Style::kGreen;
    case Status::kRejected:
      return Style::kRed;
    case Status::kDraft:
      return Style::kYellow;
  }
  return Style::kPlain;
}

std::string VersionWords(const Version& version, const Terminal& terminal) {
  return "v" + std::to_string(version.version) + " (" +
         terminal.Styled(StatusName(version.status), StyleOf(version.status)) +
         (version.active ? ", active" : "") + (version.purged ? ", purged" : "") + ")";
}

std::string RecordWords(const Version& version, const Terminal& terminal) {
  return Printable(version.record_id) + " " + VersionWords(version, terminal);
}

void Facts::Add(const std::string& label, const std::string& text, Style style) {
  if (!text.empty()) facts_.push_back({label, Printable(text), style});
}

std::string Facts::Render(const Terminal& terminal) const {
  size_t width = 0;
  for (const auto& fact : facts_)
    width = std::max(width, DisplayWidth(fact.label));
  const size_t indent = width + 4;
  const size_t room = terminal.width > indent + 20 ? terminal.width - indent : 0;
  std::string lines;
  for (const auto& fact : facts_) {
    std::string begin =
        "  " + terminal.Styled(Padded(fact.label, width, false), Style::kDim) + "  ";
    const auto texts = room > 0 ? Wrapped(fact.text, room) : std::vector<std::string>{fact.text};
    for (const auto& text : texts) {
      lines += begin + terminal.Styled(text, fact.style) + "\n";
      begin = std::string(indent, ' ');
    }
  }
  return lines;
}

std::string SourceWords(const Source& source) {
  const std::string name = source.file_name.empty() ? "(name redacted)" : source.file_name;
  return name + ", " + Bytes(source.size_bytes) + ", SHA-256 " +
         source.sha256.substr(0, kHashShown) + "…";
}

void AddVersionFacts(const Version& version, Facts* facts) {
  facts->Add("by", version.created_by + ", " + ShortTime(version.created_at) + " UTC");
  facts->Add("comment", version.comment);
  for (const auto& table : version.tables) {
    const auto columns = static_cast<int64_t>(table.columns.size());
    facts->Add(table.name, Counted(table.rows, "row") +
                               (version.purged ? ", purged" : " × " + Counted(columns, "column")));
  }
  if (version.source) facts->Add("source", SourceWords(*version.source));
  if (version.checked) {
    facts->Add("keeps", "schema " + version.checked->name + ", number " +
                            std::to_string(version.checked->number));
  }
  if (version.equals_version) {
    facts->Add("content", "the same as v" + std::to_string(*version.equals_version));
  }
  const auto& changes = version.drift.changes;
  for (size_t i = 0; i < std::min(changes.size(), kChangesShown); ++i) {
    const bool breaking = changes[i].drift_class == DriftClass::kBreaking;
    facts->Add(i == 0 ? "schema" : "", changes[i].Describe(),
               breaking ? Style::kYellow : Style::kPlain);
  }
  if (changes.size() > kChangesShown) {
    facts->Add("", "and " + std::to_string(changes.size() - kChangesShown) + " more changes");
  }
}

void AddWarnings(const Version& version, Facts* facts) {
  constexpr size_t kShown = 8;
  const auto& changes = version.drift.changes;
  size_t count = 0;
  for (const auto& warning : version.warnings) {
    const bool is_told = std::any_of(changes.begin(), changes.end(), [&](const auto& change) {
      return change.Describe() == warning;
    });
    if (!is_told && ++count <= kShown) facts->Add("warning", warning, Style::kYellow);
  }
  if (count > kShown) {
    facts->Add("", "and " + std::to_string(count - kShown) + " more warnings", Style::kYellow);
  }
}

}  // namespace coreshed::cli

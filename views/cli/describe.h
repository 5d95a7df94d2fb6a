#pragma once

#include <coreshed/store.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/output.h"
#include "cli/terminal.h"

/// The store's answers in words.
namespace coreshed::cli {

Style StyleOf(Status status);

/// "v2 (draft, active)"
std::string VersionWords(const Version& version, const Terminal& terminal);
/// "BH-7 v2 (draft, active)"
std::string RecordWords(const Version& version, const Terminal& terminal);

/// Lines of labels and texts: `  by       a.meier, …`. Empty texts are left out.
class Facts {
 public:
  void Add(const std::string& label, const std::string& text, Style style = Style::kPlain);
  std::string Render(const Terminal& terminal) const;

 private:
  struct Fact {
    std::string label, text;
    Style style;
  };
  std::vector<Fact> facts_;
};

/// What a version is: by whom, when, its tables, where it came from, how it differs.
void AddVersionFacts(const Version& version, Facts* facts);
void AddWarnings(const Version& version, Facts* facts);

/// "scpt.csv, 183 kB, SHA-256 0f3a…"
std::string SourceWords(const Source& source);

}  // namespace coreshed::cli

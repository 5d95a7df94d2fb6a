#include <coreshed/types.h>

#include <algorithm>

namespace coreshed {
namespace {

/// Names with blanks, commas and the like in quotes, so that the sentence can be read.
std::string Named(const std::string& name) {
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return c == ' ' || c == ',' || c == ';' || c == ':' || c == '\'' || c == '"';
  });
  return plain && !name.empty() ? name : "'" + name + "'";
}

}  // namespace

std::string DriftChange::Describe() const {
  const std::string at = Named(table) + ": column " + Named(column);
  switch (kind) {
    case Kind::kColumnAdded:
      return at + " added (" + after + (drift_class == DriftClass::kBreaking ? ", required)" : ")");
    case Kind::kColumnRemoved:
      return at + " removed (" + before + ")";
    case Kind::kColumnRetyped:
      return at + " retyped " + before + " → " + after + (widening ? " (widening)" : "");
    case Kind::kColumnRenamed:
      return Named(table) + ": column " + Named(before) + " renamed to " + Named(after);
    case Kind::kReordered:
      return Named(table) + ": columns in another order";
    case Kind::kNullableMadeRequired:
      return at + " may not be null any more";
    case Kind::kRequiredMadeNullable:
      return at + " may be null now";
    case Kind::kTableAdded:
      return "table " + Named(table) + " added";
    case Kind::kTableRemoved:
      return "table " + Named(table) + " removed";
    case Kind::kRenameCandidate:
      return Named(table) + ": column " + Named(before) + " may have been renamed to " +
             Named(after);
  }
  return "";
}

}  // namespace coreshed

#pragma once

#include <coreshed/sources.h>

#include <string>

/// Names of files as they come from outside (spec/uploads.md, "Names of files").
namespace coreshed::sources {

/// The base name of a path, whichever system wrote it, as it may be recorded and shown: UTF-8
/// without separators, colons, control characters or `..`, at most 200 bytes; the ending stays.
std::string CleanFileName(const std::string& path);

/// What a file is called: clean, and "standard input" for `-`.
std::string NameOf(const FileInput& input);

/// A clean name without its ending.
std::string StemOf(const std::string& name);

/// The same, as long as a table's name may be.
std::string TableNameOf(const std::string& name);

}  // namespace coreshed::sources

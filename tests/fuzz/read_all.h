#pragma once

#include <coreshed/sources.h>

#include <string>
#include <string_view>

/// What the programs of this folder do with the bytes that they are called with. Each X_fuzz.cc is
/// one program of libFuzzer; corpus_test.cc runs all of them in the tests, over corpus/X.
namespace coreshed::fuzz {

/// Limits so small that whatever takes long or much within them is a fault.
OpenFileOptions SmallLimits();

/// What must hold of each refusal: it blames the file, and people can read it. Ends the process.
void CheckError(const Error& error);

/// Opens the bytes as the file of that name, and reads all its tables, or some MB of them: a table,
/// or an error as it should be. Of a text format they may be packed, which their beginning tells.
void ReadAll(std::string_view bytes, const std::string& name,
             const OpenFileOptions& options = SmallLimits());

}  // namespace coreshed::fuzz

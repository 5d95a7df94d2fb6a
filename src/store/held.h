#pragma once

#include <coreshed/data.h>
#include <coreshed/upload.h>
#include <coreshed/validation.h>

#include <memory>
#include <string>
#include <vector>

#include "sources/opened.h"
#include "validate/upload_check.h"

/// Tables that are held to a named schema while they are written (spec/validation.md).
namespace coreshed::store {

/// The tables as streams of good rows, and what collects the others.
struct Held {
  Data data;
  std::shared_ptr<validate::UploadCheck> check;
};

/// Tables of an opened file, with what is known of where their rows come from.
std::vector<validate::UploadTable> TablesToCheck(sources::Opened* opened);

/// Tables that a program handed in.
std::vector<validate::UploadTable> TablesToCheck(const Data& data);

/// What was rejected, once every stream has ended. `stem`: of the file that rejected rows make.
Result<RejectReport> ReportOf(const validate::UploadCheck& check, const std::string& stem);

/// Whether rows can be left out without a look at the others.
///
/// Errors (this and the next)  kInvalidState   names the rule that needs all rows
Result<void> CheckDeletion(const SchemaDefinition& schema);

/// Whether rows that replace those of the same `keys` can be checked by themselves.
Result<void> CheckUpsert(const SchemaDefinition& schema, const std::vector<std::string>& keys);

}  // namespace coreshed::store

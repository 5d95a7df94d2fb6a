#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The one place that makes and parses names on the store (spec/format.md, "Names").
namespace coreshed::paths {

inline constexpr std::string_view kStoreFile = "coreshed.json";
inline constexpr std::string_view kRecords = "records/";
inline constexpr std::string_view kContent = "content/";
inline constexpr std::string_view kSources = "sources/";  ///< in a record's folder
inline constexpr std::string_view kMetadata = "metadata.json";
inline constexpr std::string_view kSettingsRecord = "_store";

/// Check a record id as a caller gave it and bring it to NFC. kInvalidArgument says what is wrong.
Result<std::string> CheckRecordId(std::string_view id);
/// The same for calls that read a record or care for it: the store's own record is one as well.
Result<std::string> CheckAnyRecordId(std::string_view id);

/// An id or table name as one path segment, and back (nothing where it is no escaped segment).
std::string Escape(std::string_view name);
std::optional<std::string> Unescape(std::string_view segment);

/// `records/<segment>/`
std::string RecordFolder(std::string_view record_id);
/// `records/<segment>/metadata.json`
std::string Metadata(std::string_view record_id);

/// Relative to the record's folder: `versions/v2.parquet` in a record of one table, else
/// `tables/<table>/versions/v2.parquet`; `k` >= 0: `…/v2/<k>.parquet`; with a `token` of 32 hex
/// digits the name that nobody else claims: `…/v2-<token>.parquet`.
std::string DataFile(std::string_view table, bool only_table, int64_t version, int k,
                     std::string_view token);

/// Relative: `pages/<level>-<first>-<last>-<token>.json`
std::string Page(int level, int64_t first, int64_t last, std::string_view token);

/// Relative: `sources/<sha256>-<token>`
/// Whether a name in a record's folder is one that KeptFile makes.
bool IsKeptFile(std::string_view name);
std::string KeptFile(std::string_view sha256, std::string_view token);

/// Whether a name that was read from metadata stays within the folder it is relative to.
bool StaysInside(std::string_view name);

/// `content/<hh>/<hash>.<record>.<version>`
std::string ContentMarker(std::string_view hash, std::string_view record_id, int64_t version);
/// The folder and the beginning that all markers of a hash share.
std::string ContentPrefix(std::string_view hash);
struct ParsedMarker {
  std::string hash, record_id;
  int64_t version = 0;
};
std::optional<ParsedMarker> ParseContentMarker(std::string_view key);

/// `records/<segment>/events/<event_id>.<seq>`
std::string EventMarker(std::string_view record_id, std::string_view event_id, int64_t seq);
std::string EventPrefix(std::string_view record_id, std::string_view event_id);
/// The sequence number at the end of an event marker's key.
std::optional<int64_t> ParseEventMarker(std::string_view key);

}  // namespace coreshed::paths

#include "sources/zip_writer.h"

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "sources/zip_format.h"

namespace coreshed::sources {
namespace {

constexpr uint16_t kVersion = 20, kVersion64 = 45;
constexpr uint16_t kFirstDay = 0x21;  // 1980-01-01

/// Puts numbers together, the lowest byte first.
class Record {
 public:
  Record& U16(uint64_t number) { return Put(number, 2); }
  Record& U32(uint64_t number) { return Put(number, 4); }
  Record& U64(uint64_t number) { return Put(number, 8); }
  Record& Bytes(const std::string& bytes) {
    bytes_ += bytes;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Record& Put(uint64_t number, int size) {
    for (int i = 0; i < size; ++i)
      bytes_ += static_cast<char>(number >> (8 * i) & 0xFF);
    return *this;
  }

  std::string bytes_;
};

bool IsLarge(int64_t number) {
  return number >= int64_t{zip::kIn64};
}
uint64_t Small(int64_t number) {
  return IsLarge(number) ? zip::kIn64 : static_cast<uint64_t>(number);
}

/// The field with what is too large for its usual place.
std::string Extra64(const std::vector<int64_t>& numbers) {
  if (numbers.empty()) return "";
  Record record;
  record.U16(zip::kSizes64).U16(numbers.size() * 8);
  for (const int64_t number : numbers)
    record.U64(static_cast<uint64_t>(number));
  return record.bytes();
}

/// What both headers of a member have in common, from the version to the size of the name.
void PutCommon(const ZipWriter::Member& member, bool is_64, Record* record) {
  record->U16(is_64 ? kVersion64 : kVersion)
      .U16(zip::kUtf8)
      .U16(zip::kStored)
      .U16(0)
      .U16(kFirstDay)
      .U32(member.crc32)
      .U32(Small(member.size))
      .U32(Small(member.size))
      .U16(member.path.size());
}

std::string LocalHeader(const ZipWriter::Member& member) {
  std::vector<int64_t> large;
  if (IsLarge(member.size)) large = {member.size, member.size};
  const std::string extra = Extra64(large);
  Record record;
  record.U32(zip::kLocalHeader);
  PutCommon(member, !large.empty(), &record);
  return record.U16(extra.size()).Bytes(member.path).Bytes(extra).bytes();
}

std::string CentralHeader(const ZipWriter::Member& member, int64_t at) {
  std::vector<int64_t> large;
  if (IsLarge(member.size)) large = {member.size, member.size};
  if (IsLarge(at)) large.push_back(at);
  const std::string extra = Extra64(large);
  Record record;
  record.U32(zip::kCentralHeader).U16(large.empty() ? kVersion : kVersion64);
  PutCommon(member, !large.empty(), &record);
  record.U16(extra.size()).U16(0).U16(0).U16(0).U32(0).U32(Small(at));
  return record.Bytes(member.path).Bytes(extra).bytes();
}

}  // namespace

Result<void> ZipWriter::Put(const std::string& bytes) {
  at_ += static_cast<int64_t>(bytes.size());
  return sink_(bytes);
}

Result<void> ZipWriter::Add(const Member& member,
                            const std::function<Result<void>(const InputFile::Sink&)>& copy) {
  written_.push_back({member, at_});
  CORESHED_TRY(Put(LocalHeader(member)));
  at_ += member.size;
  return copy(sink_);
}

Result<void> ZipWriter::Finish() {
  const int64_t directory_at = at_;
  for (const auto& [member, at] : written_) {
    CORESHED_TRY(Put(CentralHeader(member, at)));
  }
  const int64_t size = at_ - directory_at, end_at = at_;
  const auto count = static_cast<int64_t>(written_.size());
  constexpr int64_t kCountMax = 0xFFFF;
  if (count >= kCountMax || IsLarge(size) || IsLarge(directory_at)) {
    Record end;
    end.U32(zip::kEnd64).U64(zip::kEnd64Size - 12).U16(kVersion64).U16(kVersion64).U64(0);
    end.U64(static_cast<uint64_t>(count)).U64(static_cast<uint64_t>(count));
    end.U64(static_cast<uint64_t>(size)).U64(static_cast<uint64_t>(directory_at));
    end.U32(zip::kLocator64).U32(0).U64(static_cast<uint64_t>(end_at)).U32(1);
    CORESHED_TRY(Put(end.bytes()));
  }
  const auto small_count = static_cast<uint64_t>(std::min(count, kCountMax));
  Record end;
  end.U32(zip::kEnd).U32(0).U16(small_count).U16(small_count);
  return Put(end.U32(Small(size)).U32(Small(directory_at)).U16(0).bytes());
}

}  // namespace coreshed::sources

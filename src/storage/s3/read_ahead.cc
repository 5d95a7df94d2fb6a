#include "storage/s3/read_ahead.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace coreshed::storage::s3 {
namespace {

/// To fetch a gap costs less than another request.
constexpr int64_t kGapBytesMax = int64_t{64} << 10;
/// One connection to S3 gives some 80 MB/s, and a request takes some 20 ms to begin.
constexpr int64_t kPieceBytesMin = int64_t{1} << 20;
constexpr int64_t kPieceBytesMax = int64_t{8} << 20;

}  // namespace

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    is_ended_ = true;
    queue_.clear();
  }
  workers_.clear();
}

void ReadAhead::Announce(std::vector<arrow::io::ReadRange> ranges) {
  std::erase_if(ranges, [](const auto& range) { return range.length <= 0; });
  if (ranges.empty()) return;
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.offset < b.offset; });
  int64_t total = 0;
  for (const auto& range : ranges)
    total += range.length;
  const int64_t piece_bytes =
      std::clamp(total / static_cast<int64_t>(kConnections), kPieceBytesMin, kPieceBytesMax);
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Piece> piece;
  for (const auto& range : ranges) {
    const int64_t end = range.offset + range.length;
    const bool joins = piece != nullptr && range.offset - piece->end <= kGapBytesMax &&
                       end - piece->begin <= piece_bytes;
    if (!joins) {
      piece = std::make_shared<Piece>(Piece{range.offset, end, 0, std::nullopt});
      pieces_[range.offset] = piece;
      queue_.push_back(piece);
    }
    piece->end = std::max(piece->end, end);
    piece->left += range.length;
  }
  if (working_ == 0) workers_.clear();  // those of earlier ranges have ended
  while (working_ < kConnections && working_ < queue_.size()) {
    try {
      workers_.emplace_back([this] { Work(); });
    } catch (const std::system_error&) {
      break;  // no more threads: what is read is fetched by who reads it
    }
    ++working_;
  }
  if (working_ > 0) return;
  for (const auto& dropped : std::exchange(queue_, {}))
    pieces_.erase(dropped->begin);
}

void ReadAhead::Work() {
  std::unique_lock lock(mutex_);
  while (!queue_.empty() && !is_ended_) {
    const auto piece = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    auto bytes = fetch_(piece->begin, piece->end - piece->begin);
    lock.lock();
    piece->bytes = std::move(bytes);
    arrived_.notify_all();
  }
  --working_;
}

Result<std::shared_ptr<arrow::Buffer>> ReadAhead::Take(int64_t begin, int64_t size) {
  std::unique_lock lock(mutex_);
  auto found = pieces_.upper_bound(begin);
  if (found == pieces_.begin()) return std::shared_ptr<arrow::Buffer>();
  const auto piece = std::prev(found)->second;
  if (begin + size > piece->end) return std::shared_ptr<arrow::Buffer>();
  arrived_.wait(lock, [&] { return piece->bytes.has_value(); });
  piece->left -= size;
  if (piece->left <= 0) {
    const auto own = pieces_.find(piece->begin);
    if (own != pieces_.end() && own->second == piece) pieces_.erase(own);
  }
  if (!*piece->bytes) return piece->bytes->error();
  return arrow::SliceBuffer(piece->bytes->value(), begin - piece->begin, size);
}

}  // namespace coreshed::storage::s3

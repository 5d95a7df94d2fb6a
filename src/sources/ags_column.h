#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sources/ags_format.h"

namespace coreshed::sources {

/// A column of an AGS file, and how its values are written: found from all of them (spec/ags.md,
/// "Values").
class AgsColumn {
 public:
  /// `like`: the column of an earlier version; null: none.
  AgsColumn(std::string heading, std::string unit, std::string type,
            std::shared_ptr<arrow::Field> like);

  const std::string& heading() const { return heading_; }
  const std::string& unit() const { return unit_; }
  const std::string& type() const { return type_; }

  /// One value. False: it is the first that is not written as TYPE says.
  bool Add(std::string_view value);
  /// After the last value: how all are written; null: as text.
  std::shared_ptr<const AgsFormat> Format() const;
  /// After the last value: name, Arrow type and what is kept as metadata.
  std::shared_ptr<arrow::Field> Field() const;

 private:
  using Formats = std::vector<std::shared_ptr<const AgsFormat>>;

  void Begin(const AgsCell& first);
  void AddNumbers(const AgsCell& first, bool whole);
  void AddMoments(const AgsCell& first);
  std::shared_ptr<const AgsFormat> OwnAsLike() const;
  std::shared_ptr<const AgsFormat> LikeFormat() const;

  std::string heading_, unit_, type_;
  std::shared_ptr<arrow::Field> like_;
  bool is_text_ = false;                  ///< whatever the values are
  bool begun_ = false;                    ///< there was a value
  bool follows_type_ = false;             ///< all values so far are as TYPE says
  std::shared_ptr<const AgsFormat> own_;  ///< what TYPE says
  Formats formats_;                       ///< those that all values so far can be written in
};

}  // namespace coreshed::sources

#pragma once

#include <cstdint>
#include <string_view>

namespace coreshed::sources {

/// What a number format shows of a number.
enum class ExcelFormat : uint8_t { kNumber, kDate, kDateTime, kTime, kElapsed };

/// Of a format that the file describes, by its code: spec/excel.md, "Cells".
ExcelFormat ExcelFormatOf(std::string_view code);
/// Of a format that every Excel knows, by its number.
ExcelFormat BuiltInExcelFormat(uint32_t id);

}  // namespace coreshed::sources
